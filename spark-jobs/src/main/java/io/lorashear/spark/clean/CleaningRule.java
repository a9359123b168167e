package io.lorashear.spark.clean;

import java.io.Serializable;

/** One rule of cleaning; a pure function of the draft. Its reason names what it took out. */
interface CleaningRule extends Serializable {
  /** Code under which its drops are counted. */
  String reason();

  /** The draft without what the rule is against. */
  Draft apply(Draft draft);
}
