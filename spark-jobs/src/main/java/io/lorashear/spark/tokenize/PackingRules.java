package io.lorashear.spark.tokenize;

import java.io.Serializable;

/**
 * How rows are filled.
 *
 * @param length ids in a row
 * @param separator id that fills short rows
 */
record PackingRules(
    int length, int separator, TokenizeSettings.Tail tail, TokenizeSettings.Examples examples)
    implements Serializable {

  static PackingRules of(TokenizeSettings settings, int separator) {
    return new PackingRules(
        settings.sequenceLength(), separator, settings.tail(), settings.examples());
  }
}
