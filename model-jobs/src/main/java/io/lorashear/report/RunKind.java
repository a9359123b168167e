package io.lorashear.report;

import java.util.List;

/** The kind of a run, and the sections of its page. */
enum RunKind {
  /** {@code run} and {@code demo}. */
  LINE,
  /** {@code schedule}. */
  SCHEDULE,
  /** {@code contest}. */
  CONTEST;

  static final String CONTEST_FILE = "report/contest.json";

  static RunKind of(Facts facts) {
    if (facts.files().containsKey(CONTEST_FILE)) {
      return CONTEST;
    }
    return facts.files().keySet().stream().anyMatch(name -> name.startsWith("history/"))
        ? SCHEDULE
        : LINE;
  }

  /** The heading of the page. */
  String title() {
    return switch (this) {
      case LINE -> "A smaller, recovered model";
      case SCHEDULE -> "Rounds of recovery";
      case CONTEST -> "Pruning methods compared";
    };
  }

  /** The sections in the order of the page. */
  List<Section> sections() {
    return switch (this) {
      case CONTEST -> List.of(new Verdict(), new Standings(), new Times(), new Recipe());
      case SCHEDULE ->
          List.of(
              new Verdict(),
              new History(),
              new Perplexities(),
              new RecoveryLosses(),
              new Weights(),
              new Funnel(),
              new Times(),
              new Provenance(),
              new Recipe());
      case LINE ->
          List.of(
              new Verdict(),
              new PrunedModel(),
              new Knowledge(),
              new Perplexities(),
              new RecoveryLosses(),
              new Weights(),
              new Tasks(),
              new Funnel(),
              new Times(),
              new Provenance(),
              new Recipe());
    };
  }
}
