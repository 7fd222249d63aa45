using System.Text.Json;
using UsageTracking.Files.Export;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Time;
using static UsageTracking.Tests.Files.Export.ExportSamples;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Files.Export;

public sealed class RecordExportTests
{
    private const string Header = "timestamp,service,quantity,unit_cost,total_cost,metadata\n";
    private const string Nasty = """{"text":"a \"quoted\", 'b'; c:d\n=1+1 😀 ü"}""";

    [Fact]
    public async Task Csv_has_one_header_and_a_line_per_record()
    {
        string csv = await Request(ExportFormat.Csv).ExportTextAsync(
            Stored(metadata: """{"endpoint":"/users","method":"GET"}"""),
            Stored(0.000512m, "bandwidth", time: Utc(2026, 1, 30, 16, 45, 22).AddMicroseconds(120_000), unitCost: 0.01m));

        Assert.Equal(
            Header
            + "2026-01-30 16:45:23,api,1,0.0001,0.0001,\"{\"\"endpoint\"\":\"\"/users\"\",\"\"method\"\":\"\"GET\"\"}\"\n"
            + "2026-01-30 16:45:22.12,bandwidth,0.000512,0.01,0.00000512,{}\n",
            csv);
    }

    [Fact]
    public async Task Full_csv_says_whose_it_is()
    {
        string csv = await (Request(ExportFormat.Csv, "acme", "b, c") with { Full = true, Zone = Zones.Find("Europe/Berlin") }).ExportTextAsync(
            Stored(key: "k\"1", id: 7), Stored(customer: "b, c", id: 6, time: Utc(2026, 7, 1)));

        Assert.Equal(
            "timestamp,service,quantity,unit_cost,total_cost,metadata,customer_id,event_key,id\n"
            + "2026-01-30 17:45:23+01:00,api,1,0.0001,0.0001,{},acme,\"k\"\"1\",7\n"
            + "2026-07-01 02:00:00+02:00,api,1,0.0001,0.0001,{},\"b, c\",,6\n",
            csv);
    }

    [Theory]
    [InlineData("0.000000000000000001", "0.000000000000000001")]
    [InlineData("1234567890.123456789012345678", "1234567890.123456789012345678")]
    [InlineData("9999999999999999999999999999", "9999999999999999999999999999")]
    [InlineData("100", "100")]
    [InlineData("-1.5", "-1.5")]
    public async Task Numbers_are_plain_digits_and_all_of_them(string quantity, string expected)
    {
        StoredRecord record = Stored(ExactDecimal.Trim(decimal.Parse(quantity, System.Globalization.CultureInfo.InvariantCulture)), unitCost: 1);

        Assert.Equal(expected, (await Request(ExportFormat.Csv).ExportTextAsync(record)).Split('\n')[1].Split(',')[2]);
        Assert.Contains($"\"quantity\":{expected},", await Request(ExportFormat.Ndjson).ExportTextAsync(record), StringComparison.Ordinal);
        Assert.Contains($"\"quantity\":{expected},", await Request(ExportFormat.Json).ExportTextAsync(record), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_small_correction_leaves_no_sign_at_zero() =>
        Assert.EndsWith("-0.000000000000000001,0.0001,0,{}\n", await Request(ExportFormat.Csv).ExportTextAsync(Stored(-0.000000000000000001m)), StringComparison.Ordinal);

    [Fact]
    public async Task Ndjson_is_an_object_a_line_with_all_keys()
    {
        string[] lines = (await Request(ExportFormat.Ndjson, "acme").ExportTextAsync(Stored(metadata: Nasty, key: "k", id: 9), Stored())).Split('\n');

        Assert.Equal(3, lines.Length);
        Assert.Equal("", lines[2]);
        Assert.Equal(
            """{"timestamp":"2026-01-30T16:45:23Z","service":"api","quantity":1,"unit_cost":0.0001,"total_cost":0.0001,"metadata":{},"customer_id":"acme","event_key":null,"id":1}""",
            lines[1]);
        JsonElement first = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal("a \"quoted\", 'b'; c:d\n=1+1 😀 ü", first.GetProperty("metadata").GetProperty("text").GetString());
        Assert.Equal(("k", 9), (first.GetProperty("event_key").GetString(), first.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task Json_is_one_document_whose_summary_is_exact()
    {
        ExportRequest request = Request(ExportFormat.Json) with { Range = new TimeRange(Utc(2026, 1, 1), Utc(2026, 2, 1)) };
        string text = await request.ExportTextAsync(
            Stored(0.1m, "storage"), Stored(0.2m, "storage", id: 2), Stored(3, "other"), Stored(1_000_000, unitCost: 0.0000000001m), Stored(-0.2m, "storage", corrects: 2));

        JsonElement root = JsonDocument.Parse(text).RootElement;
        Assert.Equal(["customer_id", "export_date", "period", "usage_records", "summary"], root.EnumerateObject().Select(p => p.Name));
        Assert.Equal("acme", root.GetProperty("customer_id").GetString());
        Assert.Equal("2026-02-01T12:00:00Z", root.GetProperty("export_date").GetString());
        Assert.Equal("""{"start":"2026-01-01","end":"2026-01-31"}""", Compact(root.GetProperty("period")));
        Assert.Equal(5, root.GetProperty("usage_records").GetArrayLength());
        Assert.Equal(["timestamp", "service", "quantity", "unit_cost", "total_cost", "metadata"], root.GetProperty("usage_records")[0].EnumerateObject().Select(p => p.Name));
        Assert.Equal("""{"total_events":3,"total_cost":0.00041,"services":["api","storage","other"]}""", Compact(root.GetProperty("summary")));
    }

    [Fact]
    public async Task Json_of_several_customers_says_whose_each_record_is()
    {
        JsonElement two = JsonDocument.Parse(await Request(ExportFormat.Json, "a", "b").ExportTextAsync(Stored(customer: "b"))).RootElement;
        Assert.Equal("""["a","b"]""", Compact(two.GetProperty("customer_id")));
        Assert.Equal("b", two.GetProperty("usage_records")[0].GetProperty("customer_id").GetString());

        ExportRequest every = Request(ExportFormat.Json) with { Filter = UsageFilter.All };
        Assert.Equal("*", JsonDocument.Parse(await every.ExportTextAsync()).RootElement.GetProperty("customer_id").GetString());
    }

    [Fact]
    public async Task Nothing_to_export_is_a_valid_file()
    {
        Assert.Equal(Header, await Request(ExportFormat.Csv).ExportTextAsync());
        Assert.Equal("", await Request(ExportFormat.Ndjson).ExportTextAsync());
        JsonElement root = JsonDocument.Parse(await Request(ExportFormat.Json).ExportTextAsync()).RootElement;
        Assert.Equal(0, root.GetProperty("usage_records").GetArrayLength());
        Assert.Equal("""{"total_events":0,"total_cost":0,"services":[]}""", Compact(root.GetProperty("summary")));
        Assert.Equal("""{"start":null,"end":null}""", Compact(root.GetProperty("period")));
    }

    [Fact]
    public async Task Records_that_do_not_come_are_an_error()
    {
        using var stream = new MemoryStream();
        RecordPage[] pages = [new(3, [Stored(), Stored()])];

        UsageException error = await Assert.ThrowsAsync<UsageException>(() => RecordExport.WriteAsync(
            pages.ToAsync(), Request(ExportFormat.Csv), stream, new ExportProgress(), TestContext.Current.CancellationToken));

        Assert.Equal("RecordsMissing", error.ErrorId);
    }

    [Theory]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Json)]
    [InlineData(ExportFormat.Ndjson)]
    [InlineData(ExportFormat.Xlsx)]
    public async Task Memory_does_not_grow_with_records(ExportFormat format)
    {
        const int Pages = 400;
        long most = 0;
        var progress = new ExportProgress();
        await RecordExport.WriteAsync(Generated().ToAsync(), Request(format), new CountingStream(), progress, TestContext.Current.CancellationToken);

        Assert.Equal(200_000, progress.Done);
        Assert.InRange(most, 0, 64L * 1024 * 1024);

        IEnumerable<RecordPage> Generated()
        {
            long before = GC.GetTotalMemory(forceFullCollection: true);
            for (int page = 0; page < Pages; page++)
            {
                if (page % 50 == 49)
                    most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);

                int from = page * 500;
                yield return new RecordPage(500 * Pages, [.. Enumerable.Range(from, 500).Select(i => Stored(i, metadata: $$"""{"n":"{{i}}"}""", id: i + 1))]);
            }
        }
    }

    [Theory]
    [InlineData(null, null, ExportFormat.Csv)]
    [InlineData(null, "a.JSON", ExportFormat.Json)]
    [InlineData(null, "a.jsonl", ExportFormat.Ndjson)]
    [InlineData(null, "a.ndjson", ExportFormat.Ndjson)]
    [InlineData(null, "a.b/usage", ExportFormat.Csv)]
    [InlineData(ExportFormat.Json, "a.xlsx", ExportFormat.Json)]
    [InlineData(ExportFormat.Csv, "a.txt", ExportFormat.Csv)]
    public void The_format_is_what_was_asked_for_or_the_extensions(ExportFormat? asked, string? path, ExportFormat expected) =>
        Assert.Equal(expected, ExportRequest.FormatOf(asked, path));

    [Fact]
    public void An_extension_of_something_else_is_refused() =>
        Assert.Equal("UnknownFormat", Assert.Throws<UsageException>(() => ExportRequest.FormatOf(null, "a.txt")).ErrorId);

    private static string Compact(JsonElement element) => JsonSerializer.Serialize(element);

    /// <summary>Takes everything, and knows where it is, as a package wants to.</summary>
    private sealed class CountingStream : Stream
    {
        private long _length;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => _length;

        public override long Position { get => _length; set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => _length += count;
    }
}
