package io.lorashear.spark.source;

import io.lorashear.spark.source.record.RawRecord;
import io.lorashear.spark.source.text.Encodings;
import io.lorashear.spark.source.wikitext.Wikitext;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;
import javax.xml.stream.XMLStreamException;
import org.jspecify.annotations.Nullable;

/**
 * An article of a MediaWiki dump. Its position is its page id and the beginning of its content's
 * hash, so that it does not depend on the number of tasks.
 */
final class WikiPage implements Parser.OfDocuments {
  private static final long serialVersionUID = 1;
  private static final Pattern PAGE = Pattern.compile("<page[\\s>]");
  private static final Pattern PAGE_ID = Pattern.compile("<id>\\s*(\\d{1,19})\\s*</id>");

  @Override
  public @Nullable Reading parse(InputFile file, RawRecord record) {
    var text = Encodings.unicode(record.bytes()).orElse(null);
    if (text == null) {
      return Dropped.at(file.place(record.position()), DropReason.INVALID_ENCODING, record.bytes());
    }
    var page = PAGE.matcher(text);
    var last = record.state() == RawRecord.State.LAST;
    if (!page.find()) {
      return last && cutShort(text) ? InputProblems.endsInside(file, "a page") : null;
    } else if (last) {
      return InputProblems.endsInside(file, "a page");
    }
    return page(file, text.substring(page.start()) + "</page>");
  }

  /**
   * Whether the dump is truncated: the last page is followed by anything other than the end of the
   * document.
   */
  private static boolean cutShort(String rest) {
    return !rest.isBlank() && !rest.stripTrailing().endsWith(">");
  }

  private static Reading page(InputFile file, String xml) {
    var id = PAGE_ID.matcher(xml);
    var place = file.place((id.find() ? id.group(1) : "page") + "-" + fingerprint(xml));
    try {
      return article(file, place, PageXml.read(xml));
    } catch (XMLStreamException e) {
      return Dropped.at(place, DropReason.MALFORMED_XML, xml);
    }
  }

  private static Reading article(InputFile file, Place place, PageXml page) {
    var reason = notAnArticle(page, file.namespaces().language());
    if (reason != null) {
      return Dropped.at(place, reason, page.title());
    }
    var prose = Wikitext.prose(page.title(), page.text(), file.namespaces());
    if (prose.text().isEmpty()) {
      return Dropped.at(place, DropReason.NO_TEXT, page.title());
    }
    var document = Document.at(place, Kind.TEXT, prose.text(), "");
    return prose.unknown().isEmpty()
        ? document
        : document.warning(Warning.UNKNOWN_TEMPLATE, prose.unknownTemplates());
  }

  private static @Nullable DropReason notAnArticle(PageXml page, String language) {
    if (!page.namespace().equals("0")) {
      return DropReason.OTHER_NAMESPACE;
    } else if (page.redirect() || Wikitext.isRedirect(page.text())) {
      return DropReason.REDIRECT;
    } else if (!page.model().equals("wikitext")) {
      return DropReason.NOT_WIKITEXT;
    } else if (page.text().isBlank()) {
      return DropReason.NO_TEXT;
    }
    var listsNames = Wikitext.isDisambiguation(page.title(), page.text(), language);
    return listsNames ? DropReason.DISAMBIGUATION : null;
  }

  private static String fingerprint(String xml) {
    try {
      var hash = MessageDigest.getInstance("SHA-256").digest(xml.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
