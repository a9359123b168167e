package io.lorashear.spark.clean;

import io.lorashear.settings.Default;
import io.lorashear.settings.Problems;

/**
 * Cleaning rules: what is removed from documents.
 *
 * @param irregularShare documents with a greater share of irregular characters are dropped
 * @param paragraphTokens paragraphs of this many tokens or fewer are dropped; 0 keeps all
 * @param blockTokens sentences of sentence-per-line files are joined into blocks of at least this
 *     many tokens
 * @param repairEncoding whether UTF-8 that was read as Windows-1252 is repaired
 * @param language language of the documents that are kept
 * @param repetition how much of a document may repeat itself
 * @param boilerplate lines that belong to a web page and not to its text
 * @param symbols how much of a document may consist of symbols
 */
public record CleaningSettings(
    @Default("0.05") double irregularShare,
    @Default("64") int paragraphTokens,
    @Default("256") int blockTokens,
    @Default("false") boolean repairEncoding,
    LanguageSettings language,
    RepetitionSettings repetition,
    BoilerplateSettings boilerplate,
    SymbolSettings symbols) {

  /** The two rules of the paper alone. */
  public static CleaningSettings of(double irregularShare, int paragraphTokens, int blockTokens) {
    return new CleaningSettings(
        irregularShare,
        paragraphTokens,
        blockTokens,
        false,
        LanguageSettings.OFF,
        RepetitionSettings.OFF,
        BoilerplateSettings.OFF,
        SymbolSettings.OFF);
  }

  void check(Problems problems) {
    problems.require(
        irregularShare >= 0 && irregularShare <= 1,
        "irregularShare",
        "is %s: give a share between 0 and 1",
        irregularShare);
    problems.require(
        paragraphTokens >= 0, "paragraphTokens", "is %d: give 0 or more", paragraphTokens);
    problems.require(
        blockTokens > paragraphTokens,
        "blockTokens",
        "is %d: blocks of no more than paragraphTokens (%d) would all be dropped",
        blockTokens,
        paragraphTokens);
  }
}
