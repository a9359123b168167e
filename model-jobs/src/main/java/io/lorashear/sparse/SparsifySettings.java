package io.lorashear.sparse;

import io.lorashear.checkpoint.OutputType;
import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;
import io.lorashear.torch.PrecisionChoice;
import java.nio.file.Path;

/**
 * How many weights become zero, which, and where the result goes.
 *
 * @param checkpoint a Hugging Face directory or a GGUF file
 * @param corpus published sequences; the same number of training rows is drawn from every source
 * @param output the sparse checkpoint
 * @param method which weights become zero, and whether the others compensate for them
 * @param sparsity share of the weights of every matrix of a block that become zero
 * @param pattern unstructured, or N:M: N of every M consecutive weights of a row are kept
 * @param rows rows drawn from each source; magnitude uses none
 * @param seed seed of the draw of rows
 * @param precision number type of the computation
 * @param outputType number type that the weights are written in
 * @param propagate whether the inputs of a block are computed with the zeros of the blocks before
 *     it
 * @param sparsegpt settings of the method sparsegpt
 */
public record SparsifySettings(
    Path checkpoint,
    Path corpus,
    Path output,
    @Default("sparsegpt") SparseMethod method,
    @Default("0.5") double sparsity,
    @Default("unstructured") String pattern,
    @Default("13") int rows,
    @Default("1") long seed,
    @Default("auto") PrecisionChoice precision,
    @Default("keep") OutputType outputType,
    @Default("true") boolean propagate,
    SparseGptSettings sparsegpt) {

  /** Reports what is out of range. */
  public void check(Problems problems) {
    problems.require(
        sparsity > 0 && sparsity < 1,
        "sparsity",
        "is %s: give a share of every matrix between 0 and 1, for example 0.5",
        sparsity);
    Pattern.check(pattern, sparsity, problems);
    problems.require(
        method != SparseMethod.SPARSEGPT || Pattern.fits(pattern, sparsegpt.columns()),
        "sparsegpt.columns",
        "is %s, but pattern %s has groups across blocks: give a multiple of them,"
            + " for example 128",
        sparsegpt.columns(),
        pattern);
    problems.require(rows >= 1, "rows", "is %s: at least one row of every source is needed", rows);
  }
}
