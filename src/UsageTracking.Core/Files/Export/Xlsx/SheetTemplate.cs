using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace UsageTracking.Files.Export.Xlsx;

/// <summary>A sheet without rows: what is written before and after them, and the styles of their cells.</summary>
internal sealed class SheetTemplate
{
    private static readonly XNamespace Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    private SheetTemplate(string xml)
    {
        var sheet = XDocument.Parse(xml);
        HeaderStyle = (int)sheet.Descendants(Main + "c").First().Attribute("s")!;
        // A column may stand for several that are alike.
        ColumnStyles = [.. sheet.Descendants(Main + "col").SelectMany(c => Enumerable.Repeat((int)c.Attribute("style")!, (int)c.Attribute("max")! - (int)c.Attribute("min")! + 1))];
        // It would say that there are no rows.
        sheet.Descendants(Main + "dimension").Remove();
        XElement data = sheet.Descendants(Main + "sheetData").Single();
        data.RemoveAll();
        data.Value = "\n";
        string[] parts = sheet.ToString(SaveOptions.DisableFormatting).Split(">\n</");
        Head = Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"utf-8\"?>" + parts[0] + ">");
        Tail = Encoding.UTF8.GetBytes("</" + parts[1]);
    }

    public byte[] Head { get; }

    public byte[] Tail { get; }

    public int HeaderStyle { get; }

    public IReadOnlyList<int> ColumnStyles { get; }

    /// <summary>The name in the package of a sheet of records, counted from 0.</summary>
    public static string EntryName(int sheet) => FormattableString.Invariant($"xl/worksheets/sheet{sheet + 2}.xml");

    public static SheetTemplate Read(ZipArchive workbook, int sheet)
    {
        using var reader = new StreamReader(workbook.GetEntry(EntryName(sheet))!.Open());
        return new SheetTemplate(reader.ReadToEnd());
    }
}
