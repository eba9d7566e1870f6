package io.revfs.remote.vfs.web;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.apache.http.client.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a WebDAV server's answer (RFC 4918, section 14.24).
 *
 * @param path the path of its URL, decoded
 * @param size in bytes; 0 if it is a directory
 * @param modified in milliseconds since 1970; now if the server does not say
 */
record DavEntry(String path, boolean directory, long size, long modified) {
  private static final String DAV = "DAV:";

  /** Reads an answer to PROPFIND. */
  static List<DavEntry> parse(InputStream in) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
    factory.setProperty(XMLInputFactory.IS_COALESCING, true);
    List<DavEntry> entries = new ArrayList<>();
    try {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      while (xml.hasNext()) {
        if (xml.next() == XMLStreamConstants.START_ELEMENT && is(xml, "response")) {
          DavEntry entry = response(xml);
          if (entry != null) {
            entries.add(entry);
          }
        }
      }
    } catch (XMLStreamException | IllegalArgumentException e) {
      throw new IOException("the server's answer is no WebDAV: " + e.getMessage(), e);
    }
    return entries;
  }

  private static boolean is(XMLStreamReader xml, String name) {
    return DAV.equals(xml.getNamespaceURI()) && name.equals(xml.getLocalName());
  }

  private static @Nullable DavEntry response(XMLStreamReader xml) throws XMLStreamException {
    @Nullable String path = null;
    boolean directory = false;
    long size = 0;
    long modified = System.currentTimeMillis();
    while (xml.hasNext()) {
      int event = xml.next();
      if (event == XMLStreamConstants.END_ELEMENT && is(xml, "response")) {
        return path == null ? null : new DavEntry(path, directory, size, modified);
      }
      if (event != XMLStreamConstants.START_ELEMENT) {
        continue;
      }
      if (is(xml, "href")) {
        path = URI.create(xml.getElementText().strip().replace(" ", "%20")).getPath();
      } else if (is(xml, "collection")) {
        directory = true;
      } else if (is(xml, "getcontentlength")) {
        String text = xml.getElementText().strip();
        size = text.isEmpty() ? 0 : Long.parseLong(text);
      } else if (is(xml, "getlastmodified")) {
        modified = milliseconds(xml.getElementText().strip(), modified);
      }
    }
    return null;
  }

  @SuppressWarnings("JavaUtilDate") // what the library gives
  private static long milliseconds(String text, long otherwise) {
    Date date = DateUtils.parseDate(text);
    return date == null ? otherwise : date.getTime();
  }
}
