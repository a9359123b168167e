package io.lorashear.policy;

/** What a knowledge profile decides. */
public enum ProfileUse {
  /** Which axes lose nothing (LoRAShear, Algorithm 3). */
  PROTECT,
  /** How much each axis may lose. */
  BUDGET
}
