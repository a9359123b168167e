package io.lorashear.policy;

/** Which groups compete. */
public enum Choice {
  /** Groups of the whole model compete. */
  GLOBAL,
  /** Groups of one axis compete: the same share of every unprotected axis is pruned. */
  LOCAL
}
