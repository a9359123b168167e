package io.lorashear.policy;

/** Which groups compete. */
public enum Choice {
  /** Those of the whole model. */
  GLOBAL,
  /** Those of one axis: every axis that is not protected loses the same share. */
  LOCAL
}
