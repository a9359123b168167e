package io.lorashear.saliency;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Weights of the five scores and of two that are measured by true gradients, and which slices they
 * look at.
 *
 * @param magnitude weight of ‖x_g‖
 * @param averageMagnitude weight of ‖x_g‖ over the number of elements
 * @param cosine weight of the cosine of x_g and LoRA's product (BA)_g, plus 1
 * @param taylor1 weight of the first-order term, the absolute value of ⟨x_g, (BA)_g⟩
 * @param taylor2 weight of the second-order term, ½⟨x_g, (BA)_g⟩²
 * @param gradient weight of LLM-Pruner's score by element; it needs memory for the gradients of all
 *     matrices of the axes, as much as their weights
 * @param fisher weight of the Fisher information of each group's factor; it needs memory for the
 *     gradients of the matrices that read a group
 * @param by the samples of the Fisher information
 * @param joint whether groups are chosen by the Fisher information of all that are removed
 *     together, instead of each group's own; it needs 4 bytes of memory for each row and group
 * @param diagonal λ, the part of each group's own Fisher information in that of all together, in
 *     [0, 1]; the fewer rows, the more. It has no effect without {@code joint}
 * @param residual whether a group's Fisher information counts only by the share of its activations
 *     that the other groups cannot make up for when the matrices that read it are refitted
 * @param measure when gradients are measured: once before the first step, or again for every period
 * @param rows rows of each source that they are measured on; 0: all that are trained on
 * @param readToo whether the columns that read a group count as well as the rows that write it; the
 *     measured scores ignore it
 */
public record SaliencySettings(
    @Default("0.2") double magnitude,
    @Default("0.2") double averageMagnitude,
    @Default("0.2") double cosine,
    @Default("0.2") double taylor1,
    @Default("0.2") double taylor2,
    @Default("0") double gradient,
    @Default("0") double fisher,
    @Default("row") By by,
    @Default("false") boolean joint,
    @Default("0.99") double diagonal,
    @Default("false") boolean residual,
    @Default("once") Measure measure,
    @Default("0") int rows,
    @Default("true") boolean readToo) {

  /** When gradients are measured. */
  public enum Measure {
    ONCE,
    PERIOD
  }

  /** What one sample of the Fisher information is. */
  public enum By {
    /** The loss of a row by a factor on the group at all its positions. */
    ROW,
    /** The same by a factor at one position: as many samples as there are tokens. */
    POSITION
  }

  /** The paper's five scores with these weights, and nothing measured. */
  public SaliencySettings(
      double magnitude,
      double averageMagnitude,
      double cosine,
      double taylor1,
      double taylor2,
      boolean readToo) {
    this(
        magnitude,
        averageMagnitude,
        cosine,
        taylor1,
        taylor2,
        0,
        0,
        By.ROW,
        false,
        0.99,
        false,
        Measure.ONCE,
        0,
        readToo);
  }

  /** Weight of one score. */
  public double weight(Score score) {
    return switch (score) {
      case MAGNITUDE -> magnitude;
      case AVERAGE_MAGNITUDE -> averageMagnitude;
      case COSINE -> cosine;
      case TAYLOR_1 -> taylor1;
      case TAYLOR_2 -> taylor2;
    };
  }

  /** Reports what is out of range. */
  public void check(Problems problems) {
    weight(problems, "magnitude", magnitude);
    weight(problems, "averageMagnitude", averageMagnitude);
    weight(problems, "cosine", cosine);
    weight(problems, "taylor1", taylor1);
    weight(problems, "taylor2", taylor2);
    weight(problems, "gradient", gradient);
    weight(problems, "fisher", fisher);
    problems.require(
        diagonal >= 0 && diagonal <= 1,
        "diagonal",
        "is %s: give a share from 0 (all products of groups count) to 1 (none does)",
        diagonal);
    problems.require(rows >= 0, "rows", "is %s: give a number of rows, or 0 for all", rows);
    problems.requireAll(
        magnitude + averageMagnitude + cosine + taylor1 + taylor2 + gradient + fisher > 0,
        "all weights of the saliency scores are 0: give at least one a positive weight");
  }

  private static void weight(Problems problems, String score, double weight) {
    problems.require(weight >= 0, score, "is %s: give a weight of at least 0", weight);
  }
}
