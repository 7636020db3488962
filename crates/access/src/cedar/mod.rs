//! The only module that knows Cedar: the policies as parsed, one decision by the full authorizer, and a list by partial
//! evaluation. Partial evaluation is experimental in Cedar and changed meaning between minor versions, so that the version is
//! pinned, and a test proves that lists and single decisions agree.

mod entities;
mod residual;

use crate::{Act, Actor, CannotList, Decided, Decision, Kind, Purpose, Resource, Scope};
use cedar_policy::{
    Authorizer, Decision as Answer, Effect, Entities, Entity, PartialEntities, PartialEntityUid,
    PartialRequest, Policy, PolicyId, PolicySet, Request, Response, Schema,
};
use homeward_model::Instant;
use std::sync::OnceLock;

const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");
const POLICIES: [&str; 4] = [
    include_str!("../../policies/limits.cedar"),
    include_str!("../../policies/need_to_know.cedar"),
    include_str!("../../policies/wall.cedar"),
    include_str!("../../policies/roles.cedar"),
];

/// Schema and policies as this build carries them. A file that does not parse fails the tests of this crate.
pub struct Engine {
    schema: Schema,
    policies: PolicySet,
    /// Those that permit.
    permits: PolicySet,
    /// Every act with the rights it belongs to.
    actions: Entities,
}

impl Engine {
    /// The embedded policies.
    pub fn embedded() -> &'static Engine {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        ENGINE.get_or_init(|| {
            let (schema, _) = Schema::from_cedarschema_str(SCHEMA).expect("the schema parses");
            let actions = schema.action_entities().expect("rights form no circle");
            let policies = parsed(&POLICIES);
            let permits = policies.policies().filter(|policy| policy.effect() == Effect::Permit).cloned();
            let permits = PolicySet::from_policies(permits).expect("every policy has its own id");
            Engine { schema, policies, permits, actions }
        })
    }

    /// One act on one record.
    pub fn decide(
        &self,
        actor: &Actor,
        act: Act,
        purpose: &Purpose,
        resource: &Resource,
        now: Instant,
    ) -> Decision {
        let Some(answer) = self.ask(actor, act, purpose, resource, now, &self.policies) else {
            return Decision { allow: false, policies: Vec::new() };
        };
        // Cedar skips a policy that errs, also one that forbids: an error anywhere is a refusal.
        let sound = answer.diagnostics().errors().next().is_none();
        let policies = self.reasons(&answer);
        Decision { allow: sound && answer.decision() == Answer::Allow, policies }
    }

    /// All that permits and all that forbids one act on one record, whichever wins.
    pub fn explain(
        &self,
        actor: &Actor,
        act: Act,
        purpose: &Purpose,
        resource: &Resource,
        now: Instant,
    ) -> (Vec<Decided>, Vec<Decided>) {
        // Alone, those that permit are the reasons of the answer.
        let permits = self.ask(actor, act, purpose, resource, now, &self.permits);
        let all = self.ask(actor, act, purpose, resource, now, &self.policies);
        let forbids = all.filter(|answer| answer.decision() == Answer::Deny);
        let reasons =
            |answer: Option<Response>| answer.map(|answer| self.reasons(&answer)).unwrap_or_default();
        (reasons(permits), reasons(forbids))
    }

    fn reasons(&self, answer: &Response) -> Vec<Decided> {
        let mut policies: Vec<Decided> = answer.diagnostics().reason().map(|id| self.decided(id)).collect();
        policies.sort_unstable();
        policies
    }

    /// The answer of some of the policies; `None` when the act is not done to this kind.
    fn ask(
        &self,
        actor: &Actor,
        act: Act,
        purpose: &Purpose,
        resource: &Resource,
        now: Instant,
        policies: &PolicySet,
    ) -> Option<Response> {
        if !act.kinds().contains(&resource.kind) {
            return None;
        }
        let context = entities::context(purpose, now);
        let (member, record) = (entities::member_uid(actor), entities::record_uid(resource.kind));
        let request = Request::new(member, entities::action(act), record, context, Some(&self.schema))
            .expect("an act on a kind it is done to fits the schema");
        // Without the schema, which would check typed values again and bring all acts in; a test checks them against it.
        let known = self.known(actor, act, resource, now);
        let entities = Entities::from_entities(known, None).expect("every entity has its own name");
        Some(Authorizer::new().is_authorized(&request, policies, &entities))
    }

    /// All records of one kind for one act.
    pub fn list(
        &self,
        actor: &Actor,
        act: Act,
        kind: Kind,
        purpose: &Purpose,
        now: Instant,
    ) -> Result<Scope, CannotList> {
        if !act.kinds().contains(&kind) {
            return Ok(Scope::None);
        }
        let cannot = |because: String| CannotList { because };
        let request = PartialRequest::new(
            PartialEntityUid::from_concrete(entities::member_uid(actor)),
            entities::action(act),
            PartialEntityUid::new(entities::record_type(kind), None),
            Some(entities::context(purpose, now)),
            &self.schema,
        )
        .map_err(|error| cannot(error.to_string()))?;
        let known = Entities::from_entities(entities::member(actor), Some(&self.schema))
            .expect("typed attributes fit the schema");
        let known =
            PartialEntities::from_concrete(known, &self.schema).map_err(|error| cannot(error.to_string()))?;
        let response =
            self.policies.tpe(&request, &known, &self.schema).map_err(|error| cannot(error.to_string()))?;
        // A policy that is sure to err would be skipped; one that forbids must not be.
        if let Some(id) = response.error_permits().chain(response.error_forbids()).next() {
            return Err(cannot(format!("policy `{id}` errs")));
        }
        if response.true_forbids().next().is_some() {
            return Ok(Scope::None);
        }
        let translate = |id: &PolicyId| -> Result<Scope, CannotList> {
            let policy = response.get_policy(id).ok_or_else(|| cannot(format!("policy `{id}` is gone")))?;
            residual::scope(&policy, now).map_err(|because| cannot(format!("policy `{id}`: {because}")))
        };
        let forbidden: Vec<Scope> = response.residual_forbids().map(translate).collect::<Result<_, _>>()?;
        let permitted = if response.true_permits().next().is_some() {
            Scope::All
        } else {
            Scope::or(response.residual_permits().map(translate).collect::<Result<Vec<_>, _>>()?)
        };
        if permitted == Scope::None {
            return Ok(Scope::None);
        }
        Ok(Scope::and([permitted].into_iter().chain(forbidden.into_iter().map(Scope::negated))))
    }

    fn known(&self, actor: &Actor, act: Act, resource: &Resource, now: Instant) -> Vec<Entity> {
        let action = self.actions.get(&entities::action(act)).expect("every act is in the schema");
        let mut known = entities::member(actor);
        known.extend([action.clone(), entities::record(resource, now)]);
        known
    }

    fn decided(&self, id: &PolicyId) -> Decided {
        Decided {
            id: id.to_string(),
            why: self.policies.annotation(id, "why").unwrap_or_default().to_owned(),
        }
    }
}

/// The policies of some files, each named by its `@id`.
fn parsed(files: &[&str]) -> PolicySet {
    let mut named = PolicySet::new();
    for file in files {
        let policies: PolicySet =
            file.parse().unwrap_or_else(|error| panic!("a policy does not parse: {error}"));
        for policy in policies.policies() {
            let id = policy.annotation("id").unwrap_or_else(|| panic!("policy without `@id`: {policy}"));
            let policy: Policy = policy.new_id(PolicyId::new(id));
            named.add(policy).expect("every policy has its own id");
        }
    }
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use cedar_policy::{ValidationMode, Validator};
    use homeward_model::{AgencyId, CompartmentId, MemberId, Role, Roles, TaskForceId};
    use std::collections::BTreeSet;

    #[test]
    fn policies_fit_the_schema() {
        let engine = Engine::embedded();
        let result = Validator::new(engine.schema.clone()).validate(&engine.policies, ValidationMode::Strict);
        assert!(result.validation_passed(), "{result}");
    }

    #[test]
    fn typed_values_fit_the_schema() {
        let engine = Engine::embedded();
        let actor = Actor {
            member: MemberId::from_bits(1),
            roles: Roles::new(vec![Role::Analyst, Role::Supervisor]).unwrap(),
            organisation: AgencyId::from_bits(2),
            provider: false,
            task_forces: vec![TaskForceId::from_bits(3)],
            compartments: vec![CompartmentId::from_bits(4)],
            access_ends: None,
        };
        for kind in Kind::ALL {
            for compartment in [None, Some(CompartmentId::from_bits(4))] {
                let resource = Resource { compartment, ..Resource::owned(*kind, AgencyId::from_bits(2)) };
                let act =
                    Act::ALL.iter().find(|act| act.kinds().contains(kind)).expect("every kind has an act");
                let known = engine.known(&actor, *act, &resource, Instant(0));
                Entities::from_entities(known, Some(&engine.schema)).unwrap();
            }
        }
    }

    #[test]
    fn every_policy_says_why() {
        for policy in Engine::embedded().policies.policies() {
            assert!(policy.annotation("why").is_some_and(|why| !why.is_empty()), "{}", policy.id());
        }
    }

    /// The schema and the list of acts name the same acts, on the same kinds, by the same rights.
    #[test]
    fn schema_and_acts_agree() {
        let schema = &Engine::embedded().schema;
        let groups: BTreeSet<String> = schema.action_groups().map(ToString::to_string).collect();
        let acts: BTreeSet<String> = schema.actions().map(ToString::to_string).collect();
        let ours: BTreeSet<String> = Act::ALL.iter().map(|act| entities::action(*act).to_string()).collect();
        assert_eq!(acts.difference(&groups).cloned().collect::<BTreeSet<_>>(), ours);
        for act in Act::ALL {
            let kinds =
                schema.resources_for_action(&entities::action(*act)).expect("the act is in the schema");
            let kinds: BTreeSet<String> = kinds.map(ToString::to_string).collect();
            assert_eq!(kinds, act.kinds().iter().map(|kind| kind.name().to_owned()).collect(), "{act}");
            let right = format!("Action::\"{}\"", act.right().word());
            assert!(groups.contains(&right), "`{right}` is no right of the schema");
        }
    }

    /// A role that is misspelt would never match: every role named in a policy is one, and each is named.
    #[test]
    fn policies_name_every_role_and_no_other() {
        let text = POLICIES.concat();
        let named: BTreeSet<&str> =
            text.split("Role::\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(named, Role::ALL.iter().map(|role| role.word()).collect());
    }
}
