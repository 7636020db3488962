//! The two languages of the public pages: every word that a visitor without an account reads, side by side.

use axum::http::{HeaderMap, header};

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lang {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

impl Lang {
    /// Its code, as in `?lang=`.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Lang::English => "en",
            Lang::Spanish => "es",
        }
    }

    /// The other one.
    pub(crate) const fn other(self) -> Lang {
        match self {
            Lang::English => Lang::Spanish,
            Lang::Spanish => Lang::English,
        }
    }

    /// Reads a code; anything else is no choice.
    pub(crate) fn parse(code: &str) -> Option<Lang> {
        [Lang::English, Lang::Spanish].into_iter().find(|lang| lang.code() == code)
    }

    /// What the browser asks for first.
    pub(crate) fn of_browser(headers: &HeaderMap) -> Lang {
        let first =
            headers.get(header::ACCEPT_LANGUAGE).and_then(|line| line.to_str().ok()).unwrap_or_default();
        if first.trim_start().get(..2).is_some_and(|code| code.eq_ignore_ascii_case("es")) {
            Lang::Spanish
        } else {
            Lang::English
        }
    }

    /// Its words.
    pub(crate) const fn words(self) -> &'static Words {
        match self {
            Lang::English => &ENGLISH,
            Lang::Spanish => &SPANISH,
        }
    }
}

/// A table of words: a name, the English and the Spanish.
macro_rules! words {
    ($($name:ident: $english:literal / $spanish:literal,)+) => {
        /// Every word in one language.
        pub(crate) struct Words { $(pub(crate) $name: &'static str,)+ }
        static ENGLISH: Words = Words { $($name: $english,)+ };
        static SPANISH: Words = Words { $($name: $spanish,)+ };
        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $english, $spanish),)+];
    };
}

words! {
    skip: "Skip to main content" / "Ir al contenido principal",
    navigation: "Main" / "Principal",
    nav_help: "Get help" / "Obtener ayuda",
    nav_tip: "Send a tip" / "Enviar información",
    nav_sign_in: "Sign in" / "Iniciar sesión",
    nav_api: "API" / "API",
    other_language: "Español" / "English",
    demo: "Demo: nothing here is real. Do not send real tips." / "Demostración: nada de esto es real. No envíe información real.",
    footer_version: "Version" / "Versión",
    footer_made: "Page made" / "Página creada",
    notice: "Notice" / "Aviso",

    exit: "Quick exit" / "Salida rápida",
    exit_about: "Quick exit leaves for a weather page. With JavaScript the Esc key does the same. It does not clear your browser's history."
        / "La salida rápida va a una página del tiempo. Con JavaScript, la tecla Esc hace lo mismo. No borra el historial del navegador.",

    help_title: "How to get help" / "Cómo obtener ayuda",
    help_lead: "If someone is in danger now, call 911. You are not in trouble for asking for help."
        / "Si alguien está en peligro ahora, llame al 911. No tendrá problemas por pedir ayuda.",
    help_lines: "Call or text" / "Llame o envíe un mensaje",
    call: "Call" / "Llamar al",
    text: "Text" / "Mensaje al",
    website: "Website" / "Sitio web",
    help_local: "Near you" / "Cerca de usted",
    help_zip: "ZIP code" / "Código postal",
    help_zip_hint: "Five digits. This server does not keep it." / "Cinco dígitos. Este servidor no lo guarda.",
    help_find: "Find" / "Buscar",
    help_zip_unknown: "We do not know this ZIP code. Check the five digits, or use the lines above; they answer everywhere."
        / "No conocemos este código postal. Revise los cinco dígitos o use las líneas de arriba; atienden en todo el país.",
    help_police: "Police and sheriffs" / "Policía y alguaciles",
    help_police_about: "Call 911 in an emergency. For anything else ask for the agency by name; the agency for your address may be another one."
        / "En una emergencia llame al 911. Para lo demás, pregunte por la agencia por su nombre; la de su dirección puede ser otra.",
    help_police_none: "No agency is listed for this place. Call 911." / "No hay agencias en la lista para este lugar. Llame al 911.",
    help_office: "FBI field office" / "Oficina del FBI",
    help_office_near: "The nearest one; another may be in charge." / "La más cercana; otra puede estar a cargo.",
    help_services: "Services" / "Servicios",
    help_services_confidential: "The address is confidential: call." / "La dirección es confidencial: llame.",
    help_services_ages: "Ages" / "Edades",
    help_services_hours: "Open" / "Abierto",
    help_services_about: "What providers say of themselves. Call first: hours and room change."
        / "Según los propios proveedores. Llame antes: los horarios y los lugares cambian.",
    help_services_none: "No services are listed near this ZIP code. The National Human Trafficking Hotline and the National Runaway Safeline know shelters and services near you."
        / "No hay servicios en la lista cerca de este código postal. La Línea Nacional contra la Trata de Personas y la Línea de Ayuda a Jóvenes que Huyen conocen refugios y servicios cerca de usted.",
    help_report: "How to report" / "Cómo denunciar",
    help_report_now: "Danger now: call 911. Say where, who, and what you see." / "Peligro ahora: llame al 911. Diga dónde, quién y qué ve.",
    help_report_child: "A missing child, or a child being exploited: call the police first, then the National Center for Missing & Exploited Children."
        / "Un menor desaparecido o explotado: llame primero a la policía y luego al Centro Nacional para Menores Desaparecidos y Explotados.",
    help_report_care: "Do not confront anyone, and do not try a rescue yourself. Note places, times, vehicles and telephone numbers."
        / "No enfrente a nadie ni intente un rescate. Anote lugares, horas, vehículos y números de teléfono.",
    help_report_tip: "You know something that can wait a day:" / "Sabe algo que puede esperar un día:",
    help_sources: "Where these numbers come from" / "De dónde vienen estos números",

    tip_title: "Send a tip" / "Enviar información",
    tip_lead: "Write what you saw and where. You need not give your name. If someone is in danger now, call 911 instead."
        / "Escriba qué vio y dónde. No tiene que dar su nombre. Si alguien está en peligro ahora, llame al 911.",
    tip_text: "What you know" / "Lo que sabe",
    tip_text_hint: "Places, times, names, telephone numbers. Up to 5,000 characters. Do not send pictures, and do not copy any of a child."
        / "Lugares, horas, nombres, números de teléfono. Hasta 5,000 caracteres. No envíe imágenes ni copie ninguna de un menor.",
    tip_links: "Links (optional)" / "Enlaces (opcional)",
    tip_links_hint: "One on each line, at most ten." / "Uno por línea, diez como máximo.",
    tip_contact: "How to reach you (optional)" / "Cómo comunicarnos con usted (opcional)",
    tip_contact_hint: "A telephone number or e-mail address, only if it is safe." / "Un teléfono o correo electrónico, solo si es seguro.",
    tip_trap: "Leave this empty" / "Deje esto vacío",
    tip_send: "Send" / "Enviar",
    tip_privacy: "A person reads every tip. It is kept for a short time, apart from any case. Your network address limits misuse and is not kept with it."
        / "Una persona lee cada mensaje. Se guarda poco tiempo, aparte de cualquier caso. Su dirección de red limita abusos y no se guarda con el mensaje.",
    tip_closed_title: "Tips cannot be taken here yet" / "Aún no se puede recibir información aquí",
    tip_closed_door: "There is no form here, so that nobody writes for nothing. Please call instead:"
        / "Aquí no hay formulario, para que nadie escriba en vano. Por favor, llame:",
    tip_closed: "Nothing was sent and nothing was kept. Please call instead:" / "No se envió ni se guardó nada. Por favor, llame:",
    tip_failed_title: "Your tip was not kept" / "No se guardó su información",
    tip_failed: "Something on our side failed and nothing was kept. Try again later, or call:"
        / "Falló algo de nuestro lado y no se guardó nada. Intente más tarde o llame:",
    tip_received: "Your tip was received. Thank you. Reference:" / "Recibimos su información. Gracias. Referencia:",
    problem_title: "Please mend this" / "Corrija lo siguiente",
    tip_problem_empty: "Write what you know." / "Escriba lo que sabe.",
    tip_problem_long: "The text is longer than 5,000 characters." / "El texto tiene más de 5,000 caracteres.",
    tip_problem_links: "Links: at most ten, each beginning with http:// or https:// and no longer than 2,000 characters."
        / "Enlaces: diez como máximo, cada uno debe empezar con http:// o https:// y tener hasta 2,000 caracteres.",
    tip_problem_contact: "The way to reach you is longer than 200 characters." / "El contacto tiene más de 200 caracteres.",
    tip_problem_trap: "The tip was not sent: a field that people do not see was filled in. Empty it and try again, or call."
        / "No se envió: se llenó un campo que las personas no ven. Vacíelo e intente de nuevo, o llame.",

    sign_in_title: "Sign in" / "Iniciar sesión",
    sign_in_notice: "For authorized members only. Use is watched and recorded. By signing in you agree to that. Misuse can be punished."
        / "Solo para miembros autorizados. El uso se vigila y se registra. Al iniciar sesión usted lo acepta. El mal uso puede ser sancionado.",
    sign_in_account: "Account" / "Cuenta",
    sign_in_password: "Password" / "Contraseña",
    sign_in_code: "One-time code" / "Código de un solo uso",
    sign_in_code_hint: "From your device, if you have one." / "De su dispositivo, si tiene uno.",
    sign_in_send: "Sign in" / "Iniciar sesión",
    sign_in_none: "No accounts yet" / "Aún no hay cuentas",
    sign_in_none_about: "This server keeps no record, so there is nothing to sign in to." / "Este servidor no guarda registros, así que no hay a dónde entrar.",
    sign_in_refused: "The account, the password or the code is not right, or the account is locked."
        / "La cuenta, la contraseña o el código no es correcto, o la cuenta está bloqueada.",
    sign_in_failed: "Signing in does not work right now. Nothing is wrong with what you typed." / "No se puede iniciar sesión ahora. Lo que escribió está bien.",
    sign_in_demo: "Accounts of the demo" / "Cuentas de la demostración",
    sign_in_demo_job: "Job" / "Trabajo",

    api_title: "API" / "API",
    api_lead: "Every endpoint, from the OpenAPI document of this server:" / "Todos los puntos de acceso, del documento OpenAPI de este servidor:",
    api_method: "Method" / "Método",
    api_path: "Path" / "Ruta",
    api_about: "What it does" / "Qué hace",
    api_answers: "Answers" / "Respuestas",
    api_rest: "Everything else below /api answers 401 without a session; signed in, missing and forbidden both answer 404."
        / "Todo lo demás bajo /api responde 401 sin sesión; con sesión, lo que falta y lo prohibido responden 404.",

    error_back: "How to get help" / "Cómo obtener ayuda",
    error_400: "This request is not complete" / "Esta solicitud no está completa",
    error_400_about: "Go back, load the page anew and send the form again. Nothing was kept."
        / "Vuelva atrás, cargue la página de nuevo y envíe el formulario otra vez. No se guardó nada.",
    error_404: "There is no such page" / "No existe esta página",
    error_404_about: "The address may be wrong, or it is not for you." / "La dirección puede estar mal o no es para usted.",
    error_405: "This page does not take that" / "Esta página no acepta eso",
    error_405_about: "Load the page anew and use its own links and forms." / "Cargue la página de nuevo y use sus enlaces y formularios.",
    error_413: "That is too much at once" / "Es demasiado de una vez",
    error_413_about: "Shorten the text and send it again. Nothing was kept." / "Acorte el texto y envíelo otra vez. No se guardó nada.",
    error_429: "Too many requests" / "Demasiadas solicitudes",
    error_429_about: "Wait a little and try again. In an emergency call 911." / "Espere un poco e intente de nuevo. En una emergencia llame al 911.",
    error_500: "Something on our side failed" / "Falló algo de nuestro lado",
    error_500_about: "Try again later. In an emergency call 911." / "Intente más tarde. En una emergencia llame al 911.",
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn every_word_is_there_in_both() {
        for (name, english, spanish) in ALL {
            assert!(!english.is_empty() && !spanish.is_empty(), "{name}");
            let same_in_both = ["nav_api", "api_title"].contains(name);
            assert_eq!(english == spanish, same_in_both, "{name}");
        }
    }

    #[test]
    fn the_browser_s_first_language_counts() {
        let check = |line: &'static str, expected| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, HeaderValue::from_static(line))]);
            assert_eq!(Lang::of_browser(&headers), expected, "{line}");
        };
        check("es-MX,es;q=0.9,en;q=0.8", Lang::Spanish);
        check("en-US,en;q=0.9,es;q=0.8", Lang::English);
        check("fr", Lang::English);
        check("", Lang::English);
        assert_eq!(Lang::parse("es"), Some(Lang::Spanish));
        assert_eq!(Lang::parse("de"), None);
    }
}
