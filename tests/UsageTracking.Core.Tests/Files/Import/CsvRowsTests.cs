using System.IO.Compression;
using System.Text;
using UsageTracking.Files.Import;
using UsageTracking.Metering;

namespace UsageTracking.Tests.Files.Import;

public sealed class CsvRowsTests : OnFiles
{
    private const string ExportHeader = "timestamp,service,quantity,unit_cost,total_cost,metadata";

    [Fact]
    public void Columns_are_found_by_any_of_their_names_in_any_case_and_order()
    {
        string path = Write("a.csv", "Quantity, SERVICE_NAME ,other,CustomerId,Metadata\n2.50,api,x,acme,\"{\"\"b\"\":1,\"\"a\"\":2}\"\n");
        Assert.Equal(["2: api 2.50 acme {\"a\":2,\"b\":1}"], ReadAll(path, ImportFormat.Csv));
    }

    [Fact]
    public void A_byte_order_mark_and_other_line_ends_and_blank_lines_and_line_breaks_within_quotes_do_not_matter()
    {
        string path = Write("a.csv", "\uFEFFservice,quantity,customer_id\r\napi,1,a\r\n\r\n\"api\",2,\"x\r\ny\"\r\napi,3,z");
        Assert.Equal(["2: api 1 a {}", "4: api 2 x\r\ny {}", "6: api 3 z {}"], ReadAll(path, ImportFormat.Csv));
    }

    [Fact]
    public void UTF_16_with_its_mark_is_read_too()
    {
        File.WriteAllText(At("a.csv"), "service,customer_id\napi,ü\n", Encoding.Unicode);
        Assert.Equal(["2: api 1 ü {}"], ReadAll(At("a.csv"), ImportFormat.Csv));
    }

    [Fact]
    public void A_bad_line_is_known_with_its_text_and_spoils_no_other()
    {
        string path = Write("a.csv", "service,quantity\napi,1\napi,\"2\"x\napi\napi,3,4\n,5\napi,\napi,6\n");
        Assert.Equal(
            ["2: api 1  {}", "3! InvalidLine api,\"2\"x", "4! InvalidLine api", "5! InvalidLine api,3,4", "6! UnknownService ,5", "7: api   {}", "8: api 6  {}"],
            ReadAll(path, ImportFormat.Csv));
    }

    [Fact]
    public void A_quote_that_is_never_closed_is_one_bad_line()
    {
        string path = Write("a.csv", "service,quantity\napi,1\napi,\"2\napi,3\n");
        Assert.Equal(["2: api 1  {}", "3! InvalidLine api,\"2\napi,3\n"], ReadAll(path, ImportFormat.Csv));
    }

    [Fact]
    public void A_quote_that_is_never_closed_does_not_fill_the_memory()
    {
        string path = Write("a.csv", "service,quantity\napi,\"2\n" + string.Concat(Enumerable.Repeat("api,3\n", 1_000_000)));
        UsageException error = Assert.Throws<UsageException>(() => ReadAll(path, ImportFormat.Csv));
        Assert.Equal("InvalidFile", error.ErrorId);
        Assert.StartsWith("Line 2:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_UTF_8_make_a_bad_line()
    {
        File.WriteAllBytes(At("a.csv"), Encoding.Latin1.GetBytes("service,customer_id\napi,Müller\napi,Miller\n"));
        Assert.Equal(["2! InvalidLine api,M\uFFFDller", "3: api 1 Miller {}"], ReadAll(At("a.csv"), ImportFormat.Csv));
    }

    [Fact]
    public void Times_of_an_export_are_known_as_such()
    {
        using RowReader export = RowReader.Open(Write("a.csv", ExportHeader + "\n"), ImportFormat.Csv, ColumnMap.Known);
        using RowReader other = RowReader.Open(Write("b.csv", "timestamp,service,quantity\n"), ImportFormat.Csv, ColumnMap.Known);
        Assert.True(export.IsExport);
        Assert.False(other.IsExport);
    }

    [Fact]
    public void Empty_cells_of_an_export_are_nothing()
    {
        using RowReader rows = RowReader.Open(Write("a.csv", ExportHeader + ",event_key\n2026-01-30 16:45:23.123456,api,1,,,,\n"), ImportFormat.Csv, ColumnMap.Known);
        Assert.True(rows.Read());
        var record = new RecordInput();
        rows.Put(record);
        Assert.Equal((null, null, Metadata.Empty), (record.UnitCost, record.EventKey, record.Metadata));
        Assert.Equal(new DateTimeOffset(2026, 1, 30, 16, 45, 23, TimeSpan.Zero).AddMicroseconds(123456), record.Timestamp!.Value.Start(TimeZoneInfo.Utc));
    }

    [Fact]
    public void A_column_may_be_chosen_and_then_the_one_of_that_name_is_not_read()
    {
        string path = Write("a.csv", "svc,quantity,units\napi,1,7\n");
        Assert.Equal(["2: api 7  {}"], ReadAll(path, ImportFormat.Csv, MapOf((RecordField.Service, "SVC"), (RecordField.Quantity, "units"))));
    }

    [Theory]
    [InlineData("svc,quantity\n", "ColumnNotFound", "There are: svc, quantity.")]
    [InlineData("service,units\n", "ColumnNotFound", "There is no column 'amount', which -Map names for Quantity.")]
    [InlineData("service,service_name,amount\n", "AmbiguousColumn", "service, service_name")]
    public void A_header_that_will_not_do_is_an_error_of_the_file(string content, string errorId, string message)
    {
        UsageException error = Assert.Throws<UsageException>(
            () => ReadAll(Write("a.csv", content), ImportFormat.Csv, MapOf((RecordField.Quantity, "amount"))));
        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("service,quantity")]
    public void Nothing_is_read_from_nothing(string content) => Assert.Empty(ReadAll(Write("a.csv", content), ImportFormat.Csv));

    [Fact]
    public void A_packed_file_is_unpacked_on_the_way()
    {
        using (var packed = new GZipStream(File.Create(At("a.csv.gz")), CompressionMode.Compress))
            packed.Write("service\napi\n"u8);

        Assert.Equal(ImportFormat.Csv, SourceFile.FormatOf(At("a.csv.gz")));
        Assert.Equal(["2: api 1  {}"], ReadAll(At("a.csv.gz"), ImportFormat.Csv));
    }

    [Theory]
    [InlineData("a.CSV", ImportFormat.Csv)]
    [InlineData("a.json", ImportFormat.Json)]
    [InlineData("a.jsonl", ImportFormat.Ndjson)]
    [InlineData("a.b.ndjson.GZ", ImportFormat.Ndjson)]
    public void The_name_says_the_format(string name, ImportFormat format) => Assert.Equal(format, SourceFile.FormatOf(name));

    [Fact]
    public void A_name_that_says_no_format_is_an_error() =>
        Assert.Equal("UnknownFormat", Assert.Throws<UsageException>(() => SourceFile.FormatOf("a.txt")).ErrorId);
}
