package io.lorashear.spark.clean;

import java.io.Serializable;

/** One rule of cleaning; a pure function of the draft. Its reason names what it removes. */
interface CleaningRule extends Serializable {
  /** Code under which its drops are counted. */
  String reason();

  /** The draft without the parts that break the rule. */
  Draft apply(Draft draft);
}
