package io.lorashear.spark.source;

import java.io.StringReader;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * One {@code <page>} element of a MediaWiki dump, of any version of its schema. Document types and
 * external entities are disabled, so that a page cannot make its reader fetch or expand anything.
 */
record PageXml(
    String title, String namespace, String id, boolean redirect, String model, String text) {
  private static final ThreadLocal<XMLInputFactory> FACTORY =
      ThreadLocal.withInitial(
          () -> {
            var factory = XMLInputFactory.newDefaultFactory();
            factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
            factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
            factory.setProperty(XMLInputFactory.IS_COALESCING, true);
            return factory;
          });

  /** Reads the page in {@code xml}; missing elements are empty. */
  static PageXml read(String xml) throws XMLStreamException {
    var reader = FACTORY.get().createXMLStreamReader(new StringReader(xml));
    try {
      return read(reader);
    } finally {
      reader.close();
    }
  }

  private static PageXml read(XMLStreamReader reader) throws XMLStreamException {
    var title = "";
    var namespace = "0";
    var id = "";
    var redirect = false;
    var model = "wikitext";
    var text = "";
    while (reader.hasNext()) {
      if (reader.next() == XMLStreamConstants.START_ELEMENT) {
        switch (reader.getLocalName()) {
          case "title" -> title = reader.getElementText();
          case "ns" -> namespace = reader.getElementText().strip();
          case "id" -> id = id.isEmpty() ? reader.getElementText().strip() : id;
          case "redirect" -> redirect = true;
          case "model" -> model = reader.getElementText().strip();
          case "text" -> text = reader.getElementText();
          default -> {}
        }
      }
    }
    return new PageXml(title, namespace, id, redirect, model, text);
  }
}
