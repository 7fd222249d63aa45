using System.Globalization;
using System.Text.Json;
using ClosedXML.Excel;
using Microsoft.VisualBasic.FileIO;
using UsageTracking.Files.Export;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;

namespace UsageTracking.Tests.Files.Export;

/// <summary>A full export of everything, read back by other means than those that wrote it, and held against what the store says in SQL.</summary>
internal static class ExportedFile
{
    public static ExportFormat[] Formats { get; } = Enum.GetValues<ExportFormat>();

    /// <summary>Everything, with all columns.</summary>
    public static ExportRequest Everything(ExportFormat format) =>
        new() { Format = format, Filter = UsageFilter.All, Range = TimeRange.Everything, Full = true };

    /// <summary>Records that differ, with metadata that is not easy, and as long as asked for.</summary>
    public static Task WriteSamplesAsync(this IUsageStore store, int count, int padding = 0) => store.WriteAsync([.. Enumerable.Range(1, count).Select(i => Records.Record(
        i % 3 == 0 ? "storage" : "api", i / 4m, Records.Utc(2026, 1, 1).AddSeconds(i % 1_000), $"c{i % 5}", $$"""{"n":"{{i}}","text":"a \"b\", 'c'; d:e\n😀{{new string('x', padding)}}"}"""))]);

    /// <summary>What the store holds, a line per record in the order of an export.</summary>
    public static async Task<string[]> LinesAsync(Func<string, Task<IReadOnlyList<string[]>>> query)
    {
        IReadOnlyList<string[]> rows = await query("SELECT usage_id, quantity, metadata FROM billing_usage_records ORDER BY recorded_at DESC, usage_id DESC");
        return [.. rows.Select(r => Line(r[0], r[1], r[2]))];
    }

    /// <summary>Counts and sums that an export leaves alone; the quantities are quarters, so that no sum of them is rounded.</summary>
    public static async Task<string> FiguresAsync(Func<string, Task<IReadOnlyList<string[]>>> query) => string.Join(' ', (await query(
        """
        SELECT records, quantity, lowest, highest, events, buckets
        FROM (SELECT count(*) AS records, sum(CAST(quantity AS double precision)) AS quantity, min(usage_id) AS lowest, max(usage_id) AS highest
              FROM billing_usage_records) r,
             (SELECT CAST(sum(event_count) AS bigint) AS events, count(*) AS buckets FROM usage_buckets) b
        """))[0]);

    /// <summary>The file has exactly these records, in this order, and its end.</summary>
    public static void AssertWhole(string path, ExportFormat format, string[] lines)
    {
        string[] read = format switch
        {
            ExportFormat.Csv => ReadCsv(path),
            ExportFormat.Json => ReadJson(path),
            ExportFormat.Ndjson => [.. Text(path).Split('\n').SkipLast(1).Select(l => Line(JsonDocument.Parse(l).RootElement))],
            _ => ReadXlsx(path),
        };
        Assert.Equal(lines, read);
        // The last line has its end.
        if (format is ExportFormat.Csv or ExportFormat.Ndjson)
            Assert.EndsWith("\n", Text(path), StringComparison.Ordinal);
    }

    private static string[] ReadCsv(string path)
    {
        using var reader = new TextFieldParser(path) { HasFieldsEnclosedInQuotes = true, TrimWhiteSpace = false };
        reader.SetDelimiters(",");
        Assert.Equal(9, reader.ReadFields()!.Length);
        var lines = new List<string>();
        while (reader.ReadFields() is { } fields)
        {
            Assert.Equal(9, fields.Length);
            lines.Add(Line(fields[8], fields[2], fields[5]));
        }

        return [.. lines];
    }

    private static string[] ReadJson(string path)
    {
        using var document = JsonDocument.Parse(Text(path));
        string[] lines = [.. document.RootElement.GetProperty("usage_records").EnumerateArray().Select(Line)];
        Assert.Equal(lines.Length, document.RootElement.GetProperty("summary").GetProperty("total_events").GetInt32());
        return lines;
    }

    private static string[] ReadXlsx(string path)
    {
        // A stream, since the names of these files end in no extension that the library knows.
        using FileStream stream = File.OpenRead(path);
        using var book = new XLWorkbook(stream);
        string[] lines = [.. book.Worksheet("Records").RowsUsed().Skip(1).Select(r => Line(
            r.Cell(9).GetDouble().ToString(CultureInfo.InvariantCulture), r.Cell(3).GetDouble().ToString(CultureInfo.InvariantCulture), r.Cell(6).GetString()))];
        Assert.Equal(lines.Length, book.Worksheet("Summary").LastRowUsed()!.Cell(3).GetDouble());
        return lines;
    }

    private static string Line(JsonElement record) =>
        Line(record.GetProperty("id").GetRawText(), record.GetProperty("quantity").GetRawText(), record.GetProperty("metadata").GetRawText());

    // However each writes its numbers, and spaces in its metadata.
    private static string Line(string id, string quantity, string metadata)
    {
        using var parsed = JsonDocument.Parse(metadata);
        string number = decimal.Parse(quantity, CultureInfo.InvariantCulture).ToString("0.##", CultureInfo.InvariantCulture);
        return $"{id} {number} {parsed.RootElement.GetProperty("n").GetString()} {parsed.RootElement.GetProperty("text").GetString()}";
    }

    private static string Text(string path) => File.ReadAllText(path);
}
