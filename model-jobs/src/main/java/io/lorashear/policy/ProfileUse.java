package io.lorashear.policy;

/** What a knowledge profile decides. */
public enum ProfileUse {
  /** Which axes are not pruned (LoRAShear, Algorithm 3). */
  PROTECT,
  /** How much of each axis may be pruned. */
  BUDGET
}
