package io.lorashear.spark.source.instruction;

/**
 * What one of them says at a time.
 *
 * @param learnt whether the record lets a model learn it: some weigh turns by 0 or 1
 */
public record Turn(Speaker speaker, String said, boolean learnt) {

  Turn(Speaker speaker, String said) {
    this(speaker, said, true);
  }
}
