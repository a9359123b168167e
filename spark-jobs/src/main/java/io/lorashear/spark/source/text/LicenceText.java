package io.lorashear.spark.source.text;

import java.util.regex.Pattern;

/**
 * Recognises the text that Project Gutenberg and its sister projects add to a book, on the project,
 * the licence and the makers of the file: paragraph by paragraph, by words that books do not
 * contain.
 */
final class LicenceText {
  private static final Pattern PARAGRAPH = Pattern.compile("(?s)\\S.*?(?=\\n[ \\t]*\\n|\\s*\\z)");

  /** Words about the e-text itself. */
  private static final String OF_ITSELF =
      "gutenb[eu]rg|\\be-?texts?\\b|\\be-?books?\\b|small print|plain vanilla|literary archive"
          + "|copyright (?:laws?|status)|public domain|(?:this|the) (?:file|header)\\b|proofread"
          + "|electronic path|do not remove this|gallica";

  private static final Pattern ABOUT = Pattern.compile("(?i)" + OF_ITSELF);

  private static final Pattern TERMS =
      Pattern.compile(
          "(?i)"
              + OF_ITSELF
              + "|electronic works?|copyright|\\blicen[cs]e|trademark|donat(?:e|ion)"
              + "|solicit|contributions|previous one|fund rais|you distribute"
              + "|tax.deductible|charitable|royalt(?:y|ies)|warrant(?:y|ies)|disclaimer|damages"
              + "|liab(?:le|ility)|refund|\\bascii\\b|\\be-?mail|\\binternet\\b|\\bftp\\b"
              + "|https?://|www\\.|\\.(?:org|net|edu|com)\\b|volunteers|executive director"
              + "|\\bocr\\b|typed in|/etext\\d\\d|newsletter|\\bhart\\b|hart@");

  private static final Pattern HEADING =
      Pattern.compile(
          "(?im)^[ \\t*]*(?:Title|Author|Editor|Translator|Illustrator|Contributor|Commentator"
              + "|Compiler|(?:Original )?Release Date|Posting Date|Last Updated"
              + "|Most recently updated|Edition|Language"
              + "|Cha[a-z]* ?set encoding|Original publication|Credits|Subject"
              + "|Date (?:first posted|last updated|of first publication|most recently updated)"
              + "|Edition used as base[^:\\n]*|eBook No\\.?)[ \\t]*:");

  private static final String NOTE =
      "Transcribers?['’]?s? notes?|Transcription notes?|Nota del transcriptor|Nota do transcritor"
          + "|Anmerkung(?:en)? zur Transkription|Notes? (?:du|de la|de|sur la) transcript"
          + "|Nota(?: del)? trascrittore|Opmerkingen van de bewerker";

  private static final Pattern CREDIT =
      Pattern.compile(
          "(?i)[\\[(|+*_\\s-]*(?:Produced by|(?:This )?(?:Project Gutenberg )?"
              + "(?:E-?text|E-?book|file|digital edition) (?:was )?(?:first )?"
              + "(?:produced|prepared|created|scanned|typed|transcribed|made|converted)"
              + "|Prepared by|Transcribed (?:from|by)"
              + "|Scanned (?:and|by)|Proofread by|Digiti[sz]ed by"
              + "|HTML version|Note: Project Gutenberg also has|Note: (?:The )?(?:original )?images"
              + "|Images? (?:generously )?(?:made available|courtesy)"
              + "|Dies(?:es|er) (?:E-?Book|E-?Text|Text) wurde|Dit e-?book|Producerad av"
              + "|Tämän e-kirjan|"
              + NOTE
              + ")");

  /** Maximum share of paragraphs without these words in licences and headers of all years. */
  private static final double SHARE = 0.15;

  /**
   * Maximum number of characters of such consecutive paragraphs, such as names of states or files.
   */
  private static final int RUN = 400;

  private LicenceText() {}

  /**
   * Number of characters of paragraphs about something else.
   *
   * @param most number after which counting stops
   */
  static int foreign(CharSequence text, int most) {
    var paragraphs = PARAGRAPH.matcher(text);
    var foreign = 0;
    while (foreign <= most && paragraphs.find()) {
      var paragraph = paragraphs.group();
      foreign += says(TERMS, paragraph) ? 0 : paragraph.length();
    }
    return foreign;
  }

  /** Whether so little of {@code text} is about something else that it is not part of a book. */
  static boolean nothingElse(CharSequence text, int most) {
    var allowed = Math.max(most, (int) (SHARE * text.length()));
    return foreign(text, allowed) <= allowed && longestForeign(text) <= Math.max(most, RUN);
  }

  /** Maximum number of characters of consecutive paragraphs about something else. */
  private static int longestForeign(CharSequence text) {
    var paragraphs = PARAGRAPH.matcher(text);
    var run = 0;
    var longest = 0;
    while (paragraphs.find()) {
      var paragraph = paragraphs.group();
      run = says(TERMS, paragraph) ? 0 : run + paragraph.length();
      longest = Math.max(longest, run);
    }
    return longest;
  }

  /**
   * The end of the paragraphs about the e-text itself that begin at {@code from}.
   *
   * @param between number of characters of other paragraphs that may be between two of them
   */
  static int endOfRun(String text, int from, int between) {
    var paragraphs = PARAGRAPH.matcher(text);
    var end = from;
    var other = 0;
    var at = from;
    while (other <= between && at < text.length() && paragraphs.find(at)) {
      var paragraph = paragraphs.group();
      at = paragraphs.end();
      if (says(ABOUT, paragraph)) {
        end = at;
        other = 0;
      } else {
        other += paragraph.length();
      }
    }
    return end;
  }

  /** Whether a paragraph thanks the makers of the e-text, or is a note by them. */
  static boolean thanks(String paragraph) {
    return CREDIT.matcher(paragraph).lookingAt();
  }

  /** Whether a paragraph is about the e-text itself. */
  static boolean isAboutItself(String paragraph) {
    return says(ABOUT, paragraph);
  }

  private static boolean says(Pattern words, String paragraph) {
    return words.matcher(paragraph).find()
        || HEADING.matcher(paragraph).find()
        || thanks(paragraph);
  }
}
