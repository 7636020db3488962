//! `homeward tool resolve` by the command line: formats, columns, judgements, reasons and what is refused.

mod desk;

use desk::Desk;
use std::path::Path;
use std::process::Command;

/// Persons, two of them twice: `07` is `7b` with a slip of the pen, `=1` is `1b` under a short name.
const PERSONS: &str = "\
unique_id,cluster,first_name,surname,dob,city,phone
07,x,Robert,Lindqvist,1984-02-13,Springfield,(704) 555-0142
7b,y,Robert,Lindqvst,1984-02-13,Springfield,704-555-0142
=1,x,William,Okafor,1990-11-30,Riverton,704-555-0143
1b,x,Bill,Okafor,1990-11-30,Riverton,
3,x,Maria,Takahashi,1975-05-06,Lakeside,704-555-0144
4,x,Helen,Moreau,2001-08-09,Fairview,704-555-0145
5,x,Oscar,Novak,1966-01-22,Westbrook,704-555-0146
6,x,Irene,Haddad,1958-12-03,Oakdale,704-555-0147
";

impl Desk {
    /// Runs the tool; its exit code, and what it said where errors go.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
        command.args([
            "tool",
            "resolve",
            "-o",
            &self.path("pairs.csv"),
            "--clusters",
            &self.path("persons.csv"),
        ]);
        let output = command.args(arguments).output().unwrap();
        (output.status.code().unwrap(), String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Pairs from one half, without their figures.
    fn pairs(&self) -> Vec<String> {
        let text = self.read("pairs.csv");
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("id_a,id_b,probability"));
        lines
            .filter(|line| line.rsplit(',').next().unwrap().parse::<f64>().unwrap() >= 0.5)
            .map(|line| line.rsplit_once(',').unwrap().0.to_owned())
            .collect()
    }

    #[track_caller]
    fn check(&self, arguments: &[&str], pairs: &[&str], said: &str) {
        let (code, err) = self.run(arguments);
        assert_eq!(code, 0, "{err}");
        assert_eq!(self.pairs(), pairs, "{err}");
        assert!(err.contains(said), "{err}");
    }

    #[track_caller]
    fn refused(&self, arguments: &[&str], said: &str) {
        let (code, err) = self.run(arguments);
        assert_eq!(code, 1, "{err}");
        assert!(err.contains(said), "{err}");
    }
}

const BOTH: [&str; 2] = ["07,7b", "1b,'=1"];

#[test]
fn pairs_and_persons_come_with_the_ids_as_they_were() {
    let desk = Desk::new();
    desk.check(&[&desk.write("persons.csv.in", PERSONS)], &BOTH, "");
    let persons = desk.read("persons.csv");
    assert_eq!(persons.lines().count(), 9);
    let person =
        |id: &str| persons.lines().find_map(|line| line.strip_prefix(&format!("{id},")).map(str::to_owned));
    assert_eq!(person("07"), person("7b"));
    assert_ne!(person("07"), person("3"));
}

#[test]
fn every_format_and_two_files_give_the_same() {
    let desk = Desk::new();
    let lines: Vec<&str> = PERSONS.lines().collect();
    let tabs = desk.write("a.tsv", &PERSONS.replace(',', "\t"));
    desk.check(&[&tabs], &BOTH, "");
    let (first, second) = (lines[..4].join("\n"), [&lines[..1], &lines[4..]].concat().join("\n"));
    desk.check(&[&desk.write("a.csv", &first), "--with", &desk.write("b.csv", &second)], &BOTH, "");
    let names: Vec<&str> = lines[0].split(',').collect();
    let json = |line: &&str| {
        let fields: Vec<String> =
            names.iter().zip(line.split(',')).map(|(name, cell)| format!("\"{name}\":\"{cell}\"")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let jsonl: Vec<String> = lines[1..].iter().map(json).collect();
    desk.check(&[&desk.write("a.jsonl", &jsonl.join("\n"))], &BOTH, "");
}

#[test]
fn judgements_hold_and_are_warned_of() {
    let desk = Desk::new();
    let file = desk.write("persons.csv.in", PERSONS);
    let apart = desk.write("judged.csv", "id_a,id_b,judgement\n7b,07,not the same\n3,4,same\n5,gone,same\n");
    desk.check(&[&file, "--judgements", &apart], &["1b,'=1", "3,4"], "judged not the same, the records say");
    let unsure = desk.write("unsure.csv", "id_a,id_b,judgement\n7b,07,not_same\n07,7b,unsure\n");
    desk.refused(&[&file, "--judgements", &unsure], "judgement 1");
    let unsure = desk.write("unsure.csv", "id_a,id_b,judgement\n7b,07,not_the_same\n07,7b,unsure\n");
    desk.check(&[&file, "--judgements", &unsure], &BOTH, "");
}

#[test]
fn reasons_name_both_values_and_who_proves_what() {
    let desk = Desk::new();
    let why = desk.path("why.jsonl");
    desk.check(&[&desk.write("persons.csv.in", PERSONS), "--explain", &why], &BOTH, "");
    let lines = desk.read("why.jsonl");
    let pair = lines.lines().find(|line| line.contains("\"kind\":\"pair\"") && line.contains("7b")).unwrap();
    assert!(pair.contains(r#""left":"lindqvist","right":"lindqvst""#), "{pair}");
    let person =
        lines.lines().find(|line| line.contains("\"kind\":\"person\"") && line.contains("7b")).unwrap();
    assert!(person.contains(r#""members":["07","7b"]"#), "{person}");
}

#[test]
fn headings_that_say_nothing_are_guessed_and_said() {
    let desk = Desk::new();
    let lines: Vec<&str> = PERSONS.lines().skip(1).collect();
    let bare = format!("id,label,x1,x2,x3,x4,x5\n{}\n", lines.join("\n"));
    let file = desk.write("bare.csv", &bare);
    desk.check(&[&file], &BOTH, "x1 as given, x2 as family, x3 as date");
    desk.check(&[&file, "--kind", "x4=text", "--kind", "x5=phone"], &BOTH, "x5 as phone");
}

/// Records that come later: of Robert, of nobody known, and of Maria with another telephone among hers.
const LATER: &str = "\
id,first_name,surname,dob,city,phone,occupation
n1,Robert,Lindqvist,1984-02-13,Springfield,704 555 0142,baker
n2,Felix,Petrov,1971-03-09,,212-555-0188,
n3,Maria,Takahashi,1975-05-06,,\"[\"\"704-555-0199\"\", \"\"704-555-0144\"\"]\",
";

#[test]
fn later_records_find_their_persons() {
    let desk = Desk::new();
    let (kept, again) = (desk.path("kept.persons"), desk.path("again.persons"));
    desk.check(&[&desk.write("persons.csv.in", PERSONS), "--keep", &kept], &BOTH, "");
    let first = desk.read("persons.csv");
    let person = |text: &str, id: &str| {
        text.lines().find_map(|line| line.strip_prefix(&format!("{id},"))).unwrap().to_owned()
    };
    let (later, answers, why) =
        (desk.write("later.csv", LATER), desk.path("answers.csv"), desk.path("why.jsonl"));
    let against = ["--against", &kept, "--answers", &answers, "--explain", &why, "--keep", &again];
    let pairs = ["07,n1", "3,n3", "7b,n1"];
    desk.check(&[&[later.as_str()], &against[..]].concat(), &pairs, "passed over: occupation");
    let persons = desk.read("persons.csv");
    assert_eq!(person(&persons, "n1"), person(&first, "07"));
    assert_eq!(person(&persons, "n3"), person(&first, "3"));
    let said: Vec<String> = desk
        .read("answers.csv")
        .lines()
        .map(|line| line.split(',').take(2).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(said, ["id,answer", "n1,known person", "n2,new person", "n3,known person"]);
    let why = desk.read("why.jsonl");
    let answer = why.lines().find(|line| line.contains(r#""kind":"answer","id":"n1""#)).unwrap();
    assert!(
        answer.contains(r#""members":["07","7b","n1"]"#) && answer.contains(r#""field":"surname""#),
        "{answer}"
    );
    // What was kept again knows them.
    desk.refused(&[&later, "--against", &again], "the id `n1` stands at two records");
    let more =
        desk.write("more.csv", &LATER.replace("n1,", "m1,").replace("n2,", "m2,").replace("n3,", "m3,"));
    let judged = desk.write(
        "judged.csv",
        "id_a,id_b,judgement\nm1,7b,not the same\nm1,07,not the same\nm1,n1,not the same\n",
    );
    let pairs = ["3,m3", "m2,n2", "m3,n3"];
    desk.check(&[&more, "--against", &again, "--judgements", &judged], &pairs, "");
}

#[test]
fn what_cannot_be_taken_in_is_said() {
    let desk = Desk::new();
    let kept = desk.path("kept.persons");
    let file = desk.write("persons.csv.in", PERSONS);
    desk.check(&[&file, "--keep", &kept], &BOTH, "");
    desk.refused(&[&file, "--against", &kept], "stands at two records");
    desk.refused(&[&desk.write("x.csv", "id,colour\n1,red\n"), "--against", &kept], "--map THEIRS=OURS");
    desk.refused(&[&file, "--against", &file], "--keep");
    desk.refused(&[&file, "--against", &desk.path("none")], "none");
    let other = desk.read("kept.persons").replacen("\"format\":2", "\"format\":7", 1);
    desk.refused(&[&file, "--against", &desk.write("other.persons", &other)], "form 7");
}

#[test]
fn the_summary_tells_what_was_compared() {
    let desk = Desk::new();
    let file = desk.write("persons.csv.in", PERSONS);
    let mut command = Command::new(env!("CARGO_BIN_EXE_homeward"));
    command.args(["--json", "tool", "resolve", &file, "-o", &desk.path("pairs.csv")]);
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(said.starts_with(r#"{"records":8,"persons":6,"pairs":"#), "{said}");
    assert!(said.contains(r#""estimated_recall_of_blocking":"#), "{said}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let desk = Desk::new();
    let file = desk.write("persons.csv.in", PERSONS);
    desk.refused(&[&file, "--also", "tattoo"], "there is no column `tattoo`");
    desk.refused(&[&file, "--with", &file], "stands in both files");
    desk.refused(&[&file, "--threshold", "2"], "between 0 and 1");
    desk.refused(&[&desk.path("none.csv")], "none.csv");
    desk.refused(&[&desk.write("nobody.csv", "id,cluster\n1,2\n")], "says anything about a person");
    desk.check(&[&desk.write("twice.csv", &format!("{PERSONS}07,x,A,B,,,\n"))], &BOTH, "stands there twice");
    assert!(Path::new(&desk.path("pairs.csv")).exists());
}
