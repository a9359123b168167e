package io.lorashear.report;

import org.jsoup.nodes.Element;

/** The result of the run in one sentence with three numbers. */
final class Verdict implements Section {
  @Override
  public String id() {
    return "verdict";
  }

  @Override
  public String title() {
    return "Verdict";
  }

  @Override
  public void write(Facts facts, Element section) {
    section.addClass("verdict");
    switch (RunKind.of(facts)) {
      case LINE -> line(facts, section);
      case SCHEDULE -> schedule(facts, section);
      case CONTEST -> contest(facts, section);
    }
  }

  private static void line(Facts facts, Element section) {
    var report = facts.file("report/report.json");
    if (!facts.computed("removed").exists()) {
      Html.none(section, "The run has not finished; its results so far are below.");
      return;
    }
    var sentence =
        Sentence.in(section)
            .number(facts.computed("removed"), Form.PERCENT)
            .text(" of the parameters are removed; the perplexity over all sources is ")
            .number(facts.computed("factor"), Form.PLAIN)
            .text(" times the dense model’s");
    if (facts.computed("cost").number() > 1) {
      sentence
          .text(", and recovery went ")
          .number(report.at("wonBack"), Form.ROUND_PERCENT)
          .text(" of the way back to it, in log-perplexity.");
      ceiling(report, section);
    } else {
      sentence
          .text(". After pruning alone, which also trains, it was ")
          .number(facts.computed("cost"), Form.PLAIN)
          .text(" times the dense model’s.");
    }
  }

  private static void ceiling(Found report, Element section) {
    var sentence = Sentence.in(section);
    if (report.at("wonBackOfCeiling").exists()) {
      sentence
          .text("It went ")
          .number(report.at("wonBackOfCeiling"), Form.ROUND_PERCENT)
          .text(" of the way to the ceiling, the dense model trained on the same text.");
    } else if (report.at(Models.CEILING).exists()) {
      sentence.text(
          "The pruned model is no worse than the ceiling, the dense model trained on the same"
              + " text.");
    } else {
      sentence.text(
          "Recovery also adapts a model to its text: with ceiling: true, the dense model is trained"
              + " on the same text and compared too.");
    }
  }

  private static void schedule(Facts facts, Element section) {
    var models = Models.of(facts).folders();
    if (models.size() < 2) {
      Html.none(section, "No round has measured the models yet.");
      return;
    }
    var last = models.get(models.size() - 1);
    var overall = facts.computed("overall");
    Sentence.in(section)
        .number(facts.computed("rounds"), Form.COUNT)
        .text(
            " rounds are done. On the text so far, the model at the start of the last one has a"
                + " perplexity of ")
        .number(overall.at(last.folder()), Form.PERPLEXITY)
        .text(", the dense model one of ")
        .number(overall.at(last.dense()), Form.PERPLEXITY)
        .text(".");
  }

  private static void contest(Facts facts, Element section) {
    var rows = facts.file(RunKind.CONTEST_FILE).at("rows");
    var best = facts.computed("best").items();
    if (best.isEmpty()) {
      Html.none(section, "No method has been measured yet.");
      return;
    }
    var sentence = Sentence.in(section);
    for (int ratio = 0; ratio < best.size(); ratio++) {
      var row = rows.at((int) best.get(ratio).number());
      sentence
          .text(ratio == 0 ? "With " : "; with ")
          .number(row.at("ratio"), Form.PERCENT)
          .text(" of the parameters pruned, ")
          .name(row.at("method").text())
          .text(" has the lowest perplexity, ")
          .number(row.at("loss"), Form.PERPLEXITY);
    }
    sentence.text(". The dense model has ").number(rows.at(0).at("loss"), Form.PERPLEXITY);
    var ceiling = rows.where("method", Models.CEILING);
    if (ceiling.exists()) {
      sentence.text(", after the same recovery ").number(ceiling.at("loss"), Form.PERPLEXITY);
    }
    sentence.text(".");
  }
}
