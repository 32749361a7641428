"""What a person does in the form with a mouse: sentences and their fields, findings, blocks, absence, save points."""

import re
from pathlib import Path

from people import PATIENT, Person
from playwright.sync_api import expect

SERVE = ("--templates", str(Path(__file__).parents[1] / "packs" / "example_pack" / "example_pack"))

SHORT = {
    **PATIENT,
    "jurisdiction": "UK",
    "pregnancy.edd": "2027-03-25",
    "ultrasound.done": "yes",
    "ultrasound.lengths": "17, 18, 17.5",
}


def test_a_sentence_leads_to_its_field_and_the_field_to_its_sentence(clinician: Person) -> None:
    clinician.begin("ultrasound").fill(SHORT)
    sentence = clinician.page.locator("#narrative a", has_text="17 mm").first
    sentence.click()
    control = clinician.control("ultrasound.lengths")
    expect(control).to_be_focused()
    expect(clinician.page.locator("#narrative a.lit", has_text="17 mm")).not_to_have_count(0)
    clinician.control("patient.name").focus()
    expect(clinician.page.locator("#narrative a.lit", has_text="17 mm")).to_have_count(0)
    control.focus()
    expect(clinician.page.locator("#narrative a.lit", has_text="17 mm")).not_to_have_count(0)


def test_on_a_telephone_the_top_says_who_she_is_wherever_one_is(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    page.set_viewport_size({"width": 390, "height": 844})
    clinician.fill(SHORT | {"patient.name": "Ada Example-Verylongname von und zu Madeup the Third"})
    clinician.control("ultrasound.lengths").scroll_into_view_if_needed()
    who = page.locator("#strip")
    expect(who).to_be_in_viewport()
    expect(who).to_contain_text("Ada Example")
    expect(who).to_contain_text("weeks")
    assert (page.locator("#switch").bounding_box() or {})["height"] < 70, "the fields keep their room"


def test_what_is_computed_and_told_follows_each_change(clinician: Person) -> None:
    clinician.begin("ultrasound").fill(SHORT)
    expect(clinician.page.locator("#narrative")).to_contain_text("17 mm")
    expect(clinician.page.locator("#computed")).to_contain_text("17 mm")
    clinician.put("ultrasound.lengths", "31, 32")
    expect(clinician.page.locator("#narrative")).to_contain_text("31 mm")
    expect(clinician.page.locator("#computed")).to_contain_text("31 mm")


def test_a_finding_shows_its_source_and_is_kept_with_a_reason(clinician: Person) -> None:
    clinician.begin("ultrasound").fill(SHORT)
    finding = clinician.page.locator("#findings .found > li", has=clinician.page.locator("button[value^=keep]")).first
    told = finding.locator("p").first.inner_text()
    finding.locator("summary").click()
    expect(finding).to_contain_text("rule ")
    finding.get_by_role("textbox").fill("Seen by a second examiner, who agrees.")
    finding.get_by_role("button", name="Keep", exact=True).click()
    clinician.saved()
    kept = clinician.page.locator("#findings li", has_text="Kept: Seen by a second examiner")
    expect(kept).to_be_visible()
    assert [one["rationale"] for one in clinician.data()["kept"]] == ["Seen by a second examiner, who agrees."], told
    kept.get_by_role("button", name="no longer keep").click()
    expect(kept).to_have_count(0)


def test_a_block_is_answered_in_one_act(clinician: Person) -> None:
    clinician.begin("ultrasound")
    clinician.choose("symptoms.bleeding", "yes")
    clinician.page.locator('button[value^="block:symptoms"]').click()
    clinician.saved()
    symptoms = clinician.data()["symptoms"]
    assert symptoms.pop("bleeding") is True
    assert len(symptoms) > 5
    assert not any(symptoms.values())
    expect(clinician.page.locator('button[value^="block:symptoms"]')).to_have_count(0)


def test_absence_is_one_choice_away_from_each_field(clinician: Person) -> None:
    clinician.begin("ultrasound")
    clinician.page.locator('[name="a:ultrasound.lengths"]').select_option("declined")
    clinician.saved()
    assert clinician.data()["ultrasound"]["lengths"] == {"absent": "asked-declined"}
    clinician.put("ultrasound.lengths", "24")
    clinician.saved()
    assert [one["length"] for one in clinician.data()["ultrasound"]["lengths"]] == [24]


def test_what_no_longer_applies_is_kept_shown_and_discarded_by_one_click(clinician: Person) -> None:
    clinician.begin("ultrasound").fill(SHORT)
    clinician.choose("ultrasound.done", "no")
    left = clinician.page.locator(".left", has_text="No longer applies")
    expect(left.first).to_contain_text("17 mm")
    clinician.saved()
    assert clinician.data()["ultrasound"]["lengths"]
    left.first.get_by_role("button", name="Discard").click()
    expect(left).to_have_count(0)
    clinician.saved()
    assert "lengths" not in clinician.data()["ultrasound"]


def test_a_save_point_and_the_way_back(clinician: Person) -> None:
    clinician.begin("ultrasound").fill({"patient.name": "Ada Example"})
    clinician.page.locator(".point > summary").click()
    clinician.page.get_by_label("Name of the save point").fill("before the scan")
    clinician.page.get_by_role("button", name="Save point", exact=True).click()
    expect(clinician.page.locator(".point li")).to_contain_text("before the scan")
    clinician.page.keyboard.press("Escape")
    clinician.put("patient.name", "Ida Madeup")
    clinician.saved()
    if not clinician.page.locator(".point li button").is_visible():
        clinician.page.locator(".point > summary").click()
    clinician.page.locator(".point li button", has_text="Back to this").click()
    expect(clinician.control("patient.name")).to_have_value("Ada Example")
    assert clinician.data()["patient"]["name"] == "Ada Example"


def test_what_cannot_be_taken_stays_as_typed_and_says_what_would_be_right(clinician: Person) -> None:
    clinician.begin("ultrasound").fill({"patient.birth_date": "31/02/1994"})
    control = clinician.control("patient.birth_date")
    expect(control).to_have_value("31/02/1994")
    expect(control).to_have_attribute("aria-invalid", "true")
    clinician.page.reload()
    expect(clinician.control("patient.birth_date")).to_have_value("31/02/1994")
    clinician.awake()
    clinician.put("patient.birth_date", "2/5/1994")
    clinician.saved()
    assert clinician.data()["patient"]["birth_date"] in ("1994-05-02", "1994-02-05")
    expect(clinician.control("patient.birth_date")).to_have_value(re.compile("1994"))


def test_the_reason_for_what_is_unusual_is_typed_beside_it(clinician: Person) -> None:
    page = clinician.begin("ultrasound").page
    clinician.fill({**SHORT, "ultrasound.lengths": "58"})
    page.locator('[name="r:ultrasound.lengths"]').focus()
    page.keyboard.type("Measured twice by a second examiner.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    clinician.saved()
    assert [one["length"] for one in clinician.data()["ultrasound"]["lengths"]] == [58]
    assert [one["rationale"] for one in clinician.data()["kept"]] == ["Measured twice by a second examiner."]


def test_a_reason_stays_until_its_button_is_pressed_though_another_answer_draws_the_section_anew(
    clinician: Person,
) -> None:
    page = clinician.begin("ultrasound").page
    clinician.fill({**SHORT, "ultrasound.lengths": "58"})
    page.locator('[name="r:ultrasound.lengths"]').fill("Measured twice by a second examiner.")
    clinician.fill({"ultrasound.funnelling": "yes", "ultrasound.funnel_length": "4"})
    expect(page.locator('[name="r:ultrasound.lengths"]')).to_have_value("Measured twice by a second examiner.")
    page.locator('button[value="confirm:ultrasound.lengths"]').click()
    clinician.saved()
    assert [one["rationale"] for one in clinician.data()["kept"]] == ["Measured twice by a second examiner."]


def test_words_that_are_no_answer_yet_keep_a_note_from_being_signed_without_them(clinician: Person) -> None:
    page = clinician.begin("cerclage").page
    clinician.fill(PATIENT)
    typed = clinician.field("cerclage.technique").locator(".combo input")
    for words in ("McDonald", "shirod or not"):
        typed.click()
        typed.press_sequentially(words)
        typed.press("Tab")
    page.locator("#review").click()
    expect(page.locator("#away")).to_contain_text("«shirod or not» is not recorded")
    expect(typed).to_be_focused()
    assert "/sign" not in page.url


def test_the_date_of_the_note_comes_back_where_it_was_cleared(clinician: Person) -> None:
    clinician.begin("ultrasound")
    control = clinician.control("date")
    stays = control.input_value()
    control.fill("")
    control.press("Tab")
    expect(clinician.page.locator("#away")).to_contain_text(f"{stays} stays")
    expect(control).to_have_value(stays)


def test_every_note_kind_of_a_folder_of_ones_own_is_offered(clinician: Person) -> None:
    clinician.go("/")
    titles = clinician.page.locator("button[name=template]").all_inner_texts()
    assert {"Cervical length scan", "Cerclage operation", "Follow-up visit", "Cerclage removal"} <= set(titles)
    assert len(titles) == 6, titles
