package io.lorashear.cli;

import io.lorashear.InputException;

/** Numbers of options that count something. */
public final class GivenNumber {
  private GivenNumber() {}

  /**
   * The number, if it is none too small.
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
