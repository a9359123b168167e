package io.lorashear.policy;

/** Which groups compete. */
public enum Choice {
  /** Groups of the whole model compete. */
  GLOBAL,
  /** Groups of one axis compete: every axis that is not protected loses the same share. */
  LOCAL
}
