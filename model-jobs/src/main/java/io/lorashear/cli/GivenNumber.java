package io.lorashear.cli;

import io.lorashear.InputException;

/** Checks numeric options. */
public final class GivenNumber {
  private GivenNumber() {}

  /**
   * Returns the number after a check.
   *
   * @param option as the user wrote it, for example {@code --rows}
   * @throws InputException if it is less than {@code least}
   */
  public static int atLeast(int least, String option, int given) {
    if (given < least) {
      throw new InputException("%s is %d: give at least %d", option, given, least);
    }
    return given;
  }
}
