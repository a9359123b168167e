package io.lorashear.spark.source.instruction;

/**
 * One turn of a speaker.
 *
 * @param learnt whether the record allows training on it; some records weight turns by 0 or 1
 */
public record Turn(Speaker speaker, String said, boolean learnt) {

  Turn(Speaker speaker, String said) {
    this(speaker, said, true);
  }
}
