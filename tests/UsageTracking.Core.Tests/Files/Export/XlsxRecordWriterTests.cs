using System.IO.Compression;
using System.Xml.Linq;
using ClosedXML.Excel;
using UsageTracking.Files.Export;
using UsageTracking.Files.Export.Xlsx;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;
using static UsageTracking.Tests.Files.Export.ExportSamples;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Files.Export;

public sealed class XlsxRecordWriterTests
{
    private static readonly XNamespace Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

    [Fact]
    public async Task Dates_are_dates_and_numbers_numbers()
    {
        using XLWorkbook book = await OpenAsync(Request(ExportFormat.Xlsx), Stored(2.5m, metadata: """{"a":1}""", time: Utc(2026, 1, 30, 12)), Stored(0.000000000000000001m));

        IXLWorksheet sheet = book.Worksheet("Records");
        Assert.Equal(["timestamp", "service", "quantity", "unit_cost", "total_cost", "metadata"], sheet.Row(1).Cells(1, 7).Select(c => c.GetString()).Where(t => t != ""));
        Assert.Equal(new DateTime(2026, 1, 30, 12, 0, 0), sheet.Cell(2, 1).GetDateTime());
        Assert.Equal("yyyy-mm-dd hh:mm:ss", sheet.Cell(2, 1).Style.DateFormat.Format);
        Assert.Equal((2.5, 0.0001, 0.00025), (sheet.Cell(2, 3).GetDouble(), sheet.Cell(2, 4).GetDouble(), sheet.Cell(2, 5).GetDouble()));
        Assert.Equal("""{"a":1}""", sheet.Cell(2, 6).GetString());
        Assert.Equal(1e-18, sheet.Cell(3, 3).GetDouble());
    }

    [Fact]
    public async Task Timestamps_show_the_clocks_of_the_zone()
    {
        using XLWorkbook book = await OpenAsync(Request(ExportFormat.Xlsx) with { Zone = Zones.Find("Asia/Kolkata") }, Stored(time: Utc(2026, 1, 30, 20)));

        Assert.Equal(new DateTime(2026, 1, 31, 1, 30, 0), book.Worksheet("Records").Cell(2, 1).GetDateTime());
        Assert.Equal("Asia/Kolkata", book.Worksheet("Summary").Cell(6, 2).GetString());
    }

    [Fact]
    public async Task The_summary_adds_up_what_is_in_the_sheets()
    {
        using XLWorkbook book = await OpenAsync(
            Request(ExportFormat.Xlsx) with { Filter = UsageFilter.All },
            Stored(0.1m, "storage", customer: "=1+1"), Stored(0.2m, "storage", customer: "=1+1"), Stored(3, customer: "2026-01-30"), Stored(4, customer: "b"));

        IXLWorksheet sheet = book.Worksheet("Summary");
        string[] lines = [.. sheet.Rows(9, 12).Select(r => string.Join('|', r.Cells(1, 5).Select(c => c.Value)))];
        Assert.Equal(["2026-01-30|api|1|3|0.0003", "b|api|1|4|0.0004", "=1+1|storage|2|0.3|0.00003", "total||4||0.00073"], lines.Select(Invariant));
        Assert.All(sheet.CellsUsed(), c => Assert.False(c.HasFormula));
        Assert.Equal(XLDataType.Text, sheet.Cell(9, 1).DataType);
        Assert.Equal(XLDataType.Number, sheet.Cell(12, 5).DataType);
        Assert.Equal("=1+1", book.Worksheet("Records").Cell(2, 7).GetString());
        Assert.False(book.Worksheet("Records").Cell(2, 7).HasFormula);

        static string Invariant(string line) => line.Replace("3E-05", "0.00003", StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_beyond_a_sheet_go_on_in_the_next()
    {
        using var stream = new MemoryStream();
        using (var writer = new XlsxRecordWriter(stream, Request(ExportFormat.Xlsx), sheetRows: 4))
        {
            for (int i = 1; i <= 7; i++)
                writer.Write(Stored(i), 7);
            writer.Finish();
        }

        using var book = new XLWorkbook(stream);
        Assert.Equal(["Summary", "Records", "Records 2", "Records 3"], book.Worksheets.Select(s => s.Name));
        Assert.Equal([1, 2, 3], Quantities(book.Worksheet("Records")));
        Assert.Equal([4, 5, 6], Quantities(book.Worksheet("Records 2")));
        Assert.Equal([7], Quantities(book.Worksheet("Records 3")));
        Assert.Equal(28, book.Worksheet("Summary").Cell(9, 4).GetDouble());
        Assert.All(book.Worksheets.Skip(1), s => Assert.Equal("timestamp", s.Cell(1, 1).GetString()));
    }

    [Fact]
    public void A_sheet_that_is_just_full_starts_no_other()
    {
        using var stream = new MemoryStream();
        using (var writer = new XlsxRecordWriter(stream, Request(ExportFormat.Xlsx), sheetRows: 4))
        {
            for (int i = 1; i <= 3; i++)
                writer.Write(Stored(i), 3);
            writer.Finish();
        }

        using var book = new XLWorkbook(stream);
        Assert.Equal(["Summary", "Records"], book.Worksheets.Select(s => s.Name));
    }

    [Fact]
    public async Task Nothing_to_export_is_a_workbook_with_a_header()
    {
        using XLWorkbook book = await OpenAsync(Request(ExportFormat.Xlsx));
        Assert.Equal("metadata", book.Worksheet("Records").Cell(1, 6).GetString());
        Assert.Equal("", book.Worksheet("Records").Cell(2, 1).GetString());
        Assert.Equal(0, book.Worksheet("Summary").Cell(9, 3).GetDouble());
    }

    [Theory]
    [InlineData("a<b>&c", "a&lt;b&gt;&amp;c")]
    [InlineData("_x0041_", "_x005F_x0041_")]
    [InlineData("_x00_ _y", "_x00_ _y")]
    [InlineData("a\u0001b", "a_x0001_b")]
    [InlineData("\uFFFF\uFEFF", "_xFFFF_\uFEFF")]
    [InlineData("😀 ü", "😀 ü")]
    public async Task Text_is_xml_and_stays_what_it_is(string key, string expected)
    {
        byte[] file = await (Request(ExportFormat.Xlsx) with { Full = true }).ExportAsync(Stored(key: key));

        Assert.Contains($"<x:t>{expected}</x:t>", SheetXml(file), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metadata_beyond_a_cell_is_cut_and_said()
    {
        var progress = new ExportProgress();
        using var stream = new MemoryStream();
        RecordPage[] pages = [new(1, [Stored(metadata: $$"""{"a":"{{new string('x', 40_000)}}"}""")])];
        await RecordExport.WriteAsync(pages.ToAsync(), Request(ExportFormat.Xlsx), stream, progress, TestContext.Current.CancellationToken);

        string text = XDocument.Parse(SheetXml(stream.ToArray())).Descendants(Main + "t").Last().Value;
        Assert.Equal(CellText.Longest, text.Length);
        Assert.EndsWith("x…", text, StringComparison.Ordinal);
        Assert.StartsWith("The metadata of 1 record was cut", progress.Warning, StringComparison.Ordinal);
    }

    private static async Task<XLWorkbook> OpenAsync(ExportRequest request, params StoredRecord[] records) =>
        new(new MemoryStream(await request.ExportAsync(records)));

    private static IEnumerable<double> Quantities(IXLWorksheet sheet) => sheet.RowsUsed().Skip(1).Select(r => r.Cell(3).GetDouble());

    private static string SheetXml(byte[] file)
    {
        using var package = new ZipArchive(new MemoryStream(file));
        using var reader = new StreamReader(package.GetEntry(SheetTemplate.EntryName(0))!.Open());
        return reader.ReadToEnd();
    }
}
