package io.lorashear.evaluate;

/**
 * Number of right answers to {@code count} questions.
 *
 * <pre>
 *   value = right / count      standard error = √(value (1 − value) / (count − 1))
 * </pre>
 *
 * The error is the sample standard deviation over √count; 0 for a single question.
 */
public record Share(int right, int count) {

  public double value() {
    return (double) right / count;
  }

  public double standardError() {
    return count < 2 ? 0 : Math.sqrt(value() * (1 - value()) / (count - 1));
  }
}
