//! The page a respondent fills in, section by section: it goes on where it stood, and whoever hung up half-way comes back to it.

use marque_sdk::{
    Data, Fault, Record, Result, Value, json,
    page::{Field, Page, Visit, both},
};

use crate::{
    answer::{self, Answer},
    desk::Desk,
    dice::Dice,
    logic::{self, Condition},
    question::{DONT_KNOW, Question, Type},
    questionnaire::{self, Questionnaire},
    taking::{self, Came},
    texts,
};

/// Questions on one screen of a telephone.
const MOST: usize = 8;

/// What the page is to show, or what becomes of what was filled in.
pub fn answer(desk: &Desk, id: &str, visit: &Visit) -> Result<Value> {
    if visit.page != "answer" {
        return Err(Fault::not_found(format!("surveys have no page {:?}", visit.page)));
    }
    let answer = answer::load(id)?;
    let body = questionnaire::load(&answer.data.questionnaire)?.data.body;
    let page = if visit.is_fill { fill(desk, &answer, &body, visit)? } else { open(desk, &answer, &body, visit) };
    Ok(page.reply())
}

/// A text of texts/ in both languages.
fn words(key: &str) -> Value {
    both(&texts::text("zh-CN", key), &texts::text("en", key))
}

fn open(desk: &Desk, answer: &Record<Answer>, body: &Questionnaire, visit: &Visit) -> Page {
    if !answer::OPEN.contains(&answer.data.state.as_str()) {
        return last(body, &answer.data.state);
    }
    let from =
        visit.carry["from"].as_u64().map_or_else(|| first_open(body, &answer.data.answers), |from| from as usize);
    let began = visit.carry["began"].as_str().unwrap_or(desk.now());
    draw(answer, body, &answer.data.answers, from, began)
}

fn fill(desk: &Desk, answer: &Record<Answer>, body: &Questionnaire, visit: &Visit) -> Result<Page> {
    let from = visit.carry["from"].as_u64().unwrap_or(0) as usize;
    let began = visit.carry["began"].as_str();
    match visit.button.as_deref() {
        Some("refuse") => {
            taking::refuse(desk, &answer.id)?;
            return Ok(last(body, "refused").spent());
        }
        Some("back") => {
            let back = starts(body, &answer.data.answers).into_iter().rfind(|start| *start < from).unwrap_or(0);
            return Ok(draw(answer, body, &answer.data.answers, back, began.unwrap_or(desk.now())));
        }
        _ => {}
    }
    let given = given(body, &visit.values);
    let mut answers = answer.data.answers.clone();
    answers.extend(given.clone());
    let next = screen(body, &answers, from).next;
    let came = taking::take(desk, answer, body, given, next.is_none(), "", began)?;
    match (came, next) {
        (Came::ScreenedOut, _) => Ok(last(body, "screened_out").spent()),
        (Came::Complete, _) => Ok(last(body, "complete").spent()),
        (Came::Saved, Some(next)) => Ok(draw(answer, body, &answers, next, began.unwrap_or(desk.now()))),
        (Came::Saved, None) => Ok(Page::done(words("page.saved"), words("page.hang_up"))),
    }
}

fn last(body: &Questionnaire, state: &str) -> Page {
    let title = both(&body.name, &body.name_en);
    match state {
        "screened_out" => Page::done(title, both(&body.goodbye_zh, &body.goodbye_en)),
        "refused" => Page::done(title, words("page.refused")),
        "expired" => Page::done(title, words("page.over")),
        _ => Page::done(title, both(&body.thanks_zh, &body.thanks_en)),
    }
}

/// What stands on one screen.
struct Screen<'a> {
    questions: Vec<&'a Question>,
    /// Where the next one begins; none after the last.
    next: Option<usize>,
}

/// The screen that begins at a question: those of its section that are asked, up to one that hangs on an answer of this very screen.
fn screen<'a>(body: &'a Questionnaire, answers: &Data, from: usize) -> Screen<'a> {
    let shown = logic::visible(&body.questions, answers);
    let is_shown = |question: &Question| shown.iter().any(|known| known.code == question.code);
    let mut on_it: Vec<&Question> = Vec::new();
    for (n, question) in body.questions.iter().enumerate().skip(from) {
        let hangs = Condition::parse(&question.show_if)
            .is_ok_and(|condition| condition.questions().any(|code| on_it.iter().any(|known| known.code == code)));
        let is_other = on_it.first().is_some_and(|first| first.section != question.section);
        if hangs || on_it.len() == MOST || is_other {
            return Screen { questions: on_it, next: Some(n) };
        }
        if is_shown(question) {
            on_it.push(question);
        }
    }
    Screen { questions: on_it, next: None }
}

/// Where screens begin, with the answers so far.
fn starts(body: &Questionnaire, answers: &Data) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut from = Some(0);
    while let Some(start) = from {
        let screen = screen(body, answers, start);
        if !screen.questions.is_empty() {
            starts.push(start);
        }
        from = screen.next;
    }
    starts
}

/// The screen with the first question that has no answer yet.
fn first_open(body: &Questionnaire, answers: &Data) -> usize {
    let starts = starts(body, answers);
    let is_open = |start: &usize| {
        let open = |question: &&Question| question.r#type != Type::Text && !answers.contains_key(&question.code);
        screen(body, answers, *start).questions.iter().any(open)
    };
    starts.iter().copied().find(is_open).or(starts.last().copied()).unwrap_or(0)
}

fn draw(answer: &Record<Answer>, body: &Questionnaire, answers: &Data, from: usize, began: &str) -> Page {
    let mut from = from;
    let mut on_it = screen(body, answers, from);
    // A section in which nothing is asked of this person is passed over.
    while on_it.questions.is_empty()
        && let Some(next) = on_it.next
    {
        from = next;
        on_it = screen(body, answers, from);
    }
    let starts = starts(body, answers);
    let n = starts.iter().position(|start| *start >= from).unwrap_or(0);
    let is_first = n == 0;
    let mut page = Page::new(both(&body.name, &body.name_en)).step(n as u32 + 1, starts.len().max(1) as u32);
    if is_first {
        let is_phone = answer.data.mode == "phone";
        let (zh, en) = if is_phone { (&body.script_zh, &body.script_en) } else { (&body.intro_zh, &body.intro_en) };
        page = page.intro(both(zh, en));
    }
    for question in shuffled(&on_it.questions, body.randomise, &answer.id) {
        page = page.field(field(question, answers.get(&question.code)));
    }
    page = page.button("next", words(if on_it.next.is_some() { "page.next" } else { "page.send" }));
    page = if is_first { page.skip("refuse", words("page.refuse")) } else { page.skip("back", words("page.back")) };
    page.carry(json!({ "from": from, "began": began }))
}

/// Items of one factor that follow each other in another order for everybody, the same each time for the same answer.
fn shuffled<'a>(asked: &[&'a Question], randomise: bool, seed: &str) -> Vec<&'a Question> {
    let mut found = Vec::with_capacity(asked.len());
    for items in asked.chunk_by(|one, next| !one.factor.is_empty() && one.factor == next.factor) {
        if randomise && items.len() > 1 {
            found.extend(Dice::new(&format!("{seed}/{}", items[0].factor)).draw(items.to_vec(), items.len()));
        } else {
            found.extend_from_slice(items);
        }
    }
    found
}

fn field(question: &Question, value: Option<&Value>) -> Field {
    let (code, label) = (question.code.as_str(), both(&question.zh, &question.en));
    let with_none = |field: Field| if question.dont_know { field.none(words("page.dont_know")) } else { field };
    let options = |field: Field| {
        let choices = question.choices();
        let field =
            choices.iter().fold(field, |field, choice| field.option(&choice.value, both(&choice.zh, &choice.en)));
        if question.dont_know { field.option(DONT_KNOW, words("page.dont_know")) } else { field }
    };
    let mut field = match question.r#type {
        Type::Scale => with_none(Field::scale(code, label, 1, 10).ends(words(low(question)), words(high(question)))),
        Type::Scale5 => with_none(Field::scale(code, label, 1, 5).ends(words(low(question)), words(high(question)))),
        Type::Ranking => {
            let choices = question.choices();
            let places = Field::matrix(code, label).min(1).max(choices.len() as i64);
            let places = places.ends(words("page.first"), words("page.last"));
            choices.iter().fold(places, |field, choice| field.row(&choice.value, both(&choice.zh, &choice.en)))
        }
        Type::Nps => with_none(Field::scale(code, label, 0, 10).ends(words("page.nps_low"), words("page.nps_high"))),
        Type::Single => options(Field::choice(code, label)),
        Type::Multiple => options(Field::choices(code, label)),
        Type::Text => Field::long_text(code, label),
        Type::Number => Field::number(code, label),
        Type::Date => Field::date(code, label),
        Type::YesNo => Field::choice(code, label)
            .option("yes", words("page.yes"))
            .option("no", words("page.no"))
            .option(DONT_KNOW, words("page.dont_know")),
        Type::Matrix => {
            let rows = question.matrix();
            let matrix = Field::matrix(code, label).min(1).max(10).ends(words(low(question)), words(high(question)));
            with_none(rows.iter().fold(matrix, |field, row| field.row(&row.value, both(&row.zh, &row.en))))
        }
    };
    if question.required {
        field = field.required();
    }
    match value {
        Some(Value::String(text)) if text == DONT_KNOW && question.is_scored() => field.value("none"),
        Some(Value::Array(order)) if question.r#type == Type::Ranking => field.value(places(order)),
        Some(value) => field.value(value.clone()),
        None => field,
    }
}

/// An order as the place of each.
fn places(order: &[Value]) -> Value {
    let place = |(n, value): (usize, &Value)| (value.as_str().unwrap_or_default().to_owned(), Value::from(n + 1));
    Value::Object(order.iter().enumerate().map(place).collect())
}

/// The places of all as an order; as they came where a place is missing or given twice, for the form to refuse.
fn order(question: &Question, places: &Data) -> Value {
    let n = question.choices().len() as u64;
    let at = |place: u64| places.iter().find(|(_, value)| value.as_u64() == Some(place)).map(|(name, _)| name.clone());
    let order: Option<Vec<String>> = (1..=n).map(at).collect();
    order.map_or_else(|| Value::Object(places.clone()), Value::from)
}

fn low(question: &Question) -> &'static str {
    if question.reversed { "page.high" } else { "page.low" }
}

fn high(question: &Question) -> &'static str {
    if question.reversed { "page.low" } else { "page.high" }
}

/// What was filled in, in the terms of answers: whoever cannot say says so.
fn given(body: &Questionnaire, values: &Data) -> Data {
    let known = |code: &str| body.questions.iter().find(|question| question.code == code);
    let told = |question: &Question, value: &Value| match value {
        Value::String(text) if text == "none" && (question.is_scored() || question.r#type == Type::Nps) => {
            DONT_KNOW.into()
        }
        Value::Object(rows) if question.r#type == Type::Ranking => order(question, rows),
        Value::Object(rows) => {
            let row = |(row, value): (&String, &Value)| {
                (row.clone(), if value == "none" { DONT_KNOW.into() } else { value.clone() })
            };
            Value::Object(rows.iter().map(row).collect())
        }
        other => other.clone(),
    };
    values.iter().filter_map(|(code, value)| Some((code.clone(), told(known(code)?, value)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

    fn data(value: Value) -> Data {
        value.as_object().cloned().unwrap()
    }

    fn codes(body: &Questionnaire, answers: &Data, from: usize) -> (Vec<String>, Option<usize>) {
        let screen = screen(body, answers, from);
        (screen.questions.iter().map(|question| question.code.clone()).collect(), screen.next)
    }

    #[test]
    fn a_screen_is_a_section_and_ends_before_what_hangs_on_it() {
        let body = template::questionnaire("ssi", &[]).unwrap();
        let none = Data::new();
        assert_eq!(codes(&body, &none, 0), (vec!["is_right_person".into(), "in_scope".into()], Some(2)));
        let drove = body.questions.iter().position(|question| question.code == "drove").unwrap();
        let (alone, next) = codes(&body, &none, drove);
        assert_eq!(alone, ["drove"], "whether the next two are asked hangs on it");
        let yes = data(json!({ "drove": "yes" }));
        assert_eq!(codes(&body, &yes, next.unwrap()).0.len(), 2);
        let no = data(json!({ "drove": "no" }));
        let after = codes(&body, &no, next.unwrap()).0;
        assert!(after.iter().all(|code| code.starts_with("deal_")) && after.len() == 3, "passed over: {after:?}");
    }

    #[test]
    fn every_question_that_is_asked_is_on_exactly_one_screen() {
        for name in template::NAMES {
            let body = template::questionnaire(name, &[]).unwrap();
            for answers in [json!({}), json!({ "drove": "yes", "overall": 4, "trouble": "yes", "bought": "no" })] {
                let answers = data(answers);
                let mut seen = Vec::new();
                for start in starts(&body, &answers) {
                    seen.extend(codes(&body, &answers, start).0);
                }
                let wanted: Vec<String> =
                    logic::visible(&body.questions, &answers).iter().map(|question| question.code.clone()).collect();
                assert_eq!(seen, wanted, "{name}");
            }
        }
    }

    #[test]
    fn whoever_comes_back_goes_on_where_the_answers_end() {
        let body = template::questionnaire("ssi", &[]).unwrap();
        assert_eq!(first_open(&body, &Data::new()), 0);
        let begun = data(json!({ "is_right_person": "yes", "in_scope": "yes" }));
        assert_eq!(first_open(&body, &begun), 2);
    }

    #[test]
    fn items_are_shuffled_inside_their_factor_and_the_same_for_one_answer() {
        let body = template::questionnaire("csi", &[]).unwrap();
        let asked: Vec<&Question> = body.questions.iter().filter(|question| question.factor == "quality").collect();
        let order = |seed: &str| -> Vec<String> {
            shuffled(&asked, true, seed).iter().map(|question| question.code.clone()).collect()
        };
        assert_eq!(order("a1"), order("a1"));
        assert!((0..20).any(|n| order(&format!("a{n}")) != order("a1")));
        let mut sorted = order("a7");
        sorted.sort();
        let mut wanted: Vec<String> = asked.iter().map(|question| question.code.clone()).collect();
        wanted.sort();
        assert_eq!(sorted, wanted);
    }

    #[test]
    fn places_become_an_order_and_back_and_two_of_one_place_are_left_to_be_refused() {
        let question = Question {
            r#type: Type::Ranking,
            options: "price | 价格\nservice | 服务\nnear | 近".into(),
            ..Question::default()
        };
        let given = data(json!({ "price": 2, "service": 1, "near": 3 }));
        let told = order(&question, &given);
        assert_eq!(told, json!(["service", "price", "near"]));
        assert_eq!(places(told.as_array().unwrap()), Value::Object(given));
        let twice = data(json!({ "price": 1, "service": 1, "near": 3 }));
        assert_eq!(order(&question, &twice), Value::Object(twice));
    }

    #[test]
    fn whoever_cannot_say_has_answered() {
        let body = template::questionnaire("lost", &[]).unwrap();
        let told = given(&body, &data(json!({ "overall": "none", "reason": "dont_know", "ghost": 1 })));
        assert_eq!(Value::Object(told), json!({ "overall": "dont_know", "reason": "dont_know" }));
    }
}
