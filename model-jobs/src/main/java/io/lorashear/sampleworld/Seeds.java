package io.lorashear.sampleworld;

import java.util.Random;

/**
 * A stream of random numbers of its own for every use, so that a change in one place moves nothing
 * elsewhere.
 */
final class Seeds {
  private Seeds() {}

  static Random of(long seed, String use, int index) {
    var mixed = (seed * 0x9E3779B97F4A7C15L) ^ (use.hashCode() * 0xBF58476D1CE4E5B9L) ^ index;
    mixed = (mixed ^ (mixed >>> 31)) * 0x94D049BB133111EBL;
    return new Random(mixed ^ (mixed >>> 29));
  }
}
