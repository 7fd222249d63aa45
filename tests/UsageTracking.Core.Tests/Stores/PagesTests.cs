using UsageTracking.Files.Export;
using UsageTracking.Metering;
using UsageTracking.Stores;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Stores;

public sealed class SqlitePagesTests() : PagesTests(StoreKind.Sqlite);

public sealed class PostgresPagesTests() : PagesTests(StoreKind.PostgreSql);

public abstract class PagesTests(StoreKind kind) : OnTestStore(() => TestStore.CreateAsync(kind))
{
    private static readonly DateTimeOffset Start = Utc(2026, 1, 31, 23, 59);

    [Fact]
    public async Task Pages_hold_every_record_newest_first()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 1_234).Select(i => Record("api", i, Start.AddSeconds(i % 100), i % 2 == 0 ? "a" : "b"))]);
        // Of another program, and in no bucket yet.
        await Test.InsertAsync(Record("made-up", 7, Start.AddSeconds(50), "a", unitCost: 2));

        List<RecordPage> pages = await ReadAsync(UsageFilter.All);
        List<StoredRecord> records = [.. pages.SelectMany(p => p.Records)];

        Assert.InRange(pages.Count, 2, 10);
        Assert.All(pages, p => Assert.Equal(1_235, p.Total));
        Assert.Equal(1_235, records.Count);
        Assert.Equal(records.OrderByDescending(r => r.Timestamp).ThenByDescending(r => r.Id), records);
        Assert.Equal(14, records.Single(r => r.Service == "made-up").TotalCost);
        Assert.Equal(618, (await ReadAsync(new UsageFilter(["a"], null))).Sum(p => p.Records.Count));
        Assert.Equal(617, (await ReadAsync(new UsageFilter(["a"], ["api"])))[0].Total);
        Assert.Empty(await ReadAsync(new UsageFilter(["nobody"], null)));
    }

    [Fact]
    public async Task Large_metadata_makes_small_pages()
    {
        string metadata = $$"""{"text":"{{new string('x', 60_000)}}"}""";
        await Store.WriteAsync([.. Enumerable.Range(0, 30).Select(i => Record("api", i, Start.AddSeconds(i), metadata: metadata))]);

        List<RecordPage> pages = await ReadAsync(UsageFilter.All);

        Assert.All(pages, p => Assert.InRange(p.Records.Count, 1, 10));
        Assert.Equal(Enumerable.Range(0, 30).Reverse(), pages.SelectMany(p => p.Records).Select(r => (int)r.Quantity));
    }

    [Fact]
    public async Task What_is_recorded_meanwhile_is_in_no_page()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 1_500).Select(i => Record("api", 1, Start.AddSeconds(i)))]);
        await using IUsageStore other = Test.OpenAgain();
        int count = 0;
        await foreach (RecordPage page in Store.ReadPagesAsync(UsageFilter.All, TimeRange.Everything, Cancel))
        {
            await other.WriteAsync(Record("api", 1, Start.AddDays(-1)), Record("api", 1, Start.AddDays(1)));
            count += page.Records.Count;
            Assert.Equal(1_500, page.Total);
        }

        Assert.Equal(1_500, count);
    }

    [Fact]
    public async Task An_export_that_is_cancelled_leaves_no_file_and_the_store_usable()
    {
        await Store.WriteAsync([.. Enumerable.Range(0, 3_000).Select(i => Record("api", 1, Start.AddSeconds(i)))]);
        string folder = Directory.CreateTempSubdirectory("usage-export-").FullName;
        using var cancel = new CancellationTokenSource();
        try
        {
            var request = new ExportRequest { Format = ExportFormat.Csv, Filter = UsageFilter.All, Range = TimeRange.Everything };
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RecordExport.WriteAsync(
                Store, request, Path.Combine(folder, "a.csv"), overwrite: false, new ExportProgress(), cancel.Token));
            Assert.Empty(Directory.EnumerateFileSystemEntries(folder));

            await RecordExport.WriteAsync(Store, request, Path.Combine(folder, "a.csv"), overwrite: false, new ExportProgress(), Cancel);
            Assert.Equal(3_001, File.ReadLines(Path.Combine(folder, "a.csv")).Count());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(ExportFormat.Csv)]
    [InlineData(ExportFormat.Json)]
    [InlineData(ExportFormat.Ndjson)]
    [InlineData(ExportFormat.Xlsx)]
    public async Task A_full_disk_leaves_what_was_there(ExportFormat format)
    {
        using TinyDisk? disk = TinyDisk.TryMount(out string reason);
        Assert.SkipWhen(disk is null, reason);
        await Store.WriteAsync([.. Enumerable.Range(0, 20_000).Select(i => Record("api", i, Start.AddSeconds(i), metadata: $$"""{"id":"{{Guid.NewGuid()}}"}"""))]);
        string path = Path.Combine(disk!.Path, "usage");
        await File.WriteAllTextAsync(path, "old", Cancel);
        disk.Fill(leave: 100_000);

        var request = new ExportRequest { Format = format, Filter = UsageFilter.All, Range = TimeRange.Everything };
        UsageException error = await Assert.ThrowsAsync<UsageException>(() => RecordExport.WriteAsync(Store, request, path, overwrite: true, new ExportProgress(), Cancel));

        Assert.Equal("FileNotWritten", error.ErrorId);
        Assert.Equal("old", await File.ReadAllTextAsync(path, Cancel));
        Assert.Equal(["filler", "usage"], Directory.EnumerateFileSystemEntries(disk.Path).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    private async Task<List<RecordPage>> ReadAsync(UsageFilter filter)
    {
        var pages = new List<RecordPage>();
        await foreach (RecordPage page in Store.ReadPagesAsync(filter, TimeRange.Everything, Cancel))
            pages.Add(page);
        return pages;
    }
}
