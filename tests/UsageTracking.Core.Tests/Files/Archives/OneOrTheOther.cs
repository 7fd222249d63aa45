using System.Globalization;
using UsageTracking.Files.Archives;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Tests.Files.Archives;

/// <summary>What holds whatever happened to an archive: every record is in the store or in a whole archive, or in both, and then the archive says so.</summary>
internal static class OneOrTheOther
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Checks it, and brings everything back.</summary>
    /// <returns>How many archives had left the store, how many lie beside it, and how many hidden files were left behind.</returns>
    public static async Task<(int Left, int Beside, int Hidden)> AssertAsync(
        IUsageStore store, Func<string, Task<IReadOnlyList<string[]>>> query, string folder, IReadOnlyList<string> rows)
    {
        IReadOnlyList<StoredArchive> entered = await store.GetArchivesAsync(Cancel);
        StoredArchive[] away = [.. entered.Where(a => a.RestoredAt is null)];
        string[] files = [.. Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f)[0] != '.')];
        string[] archives = [.. files.Where(f => !f.EndsWith(".manifest.json", StringComparison.Ordinal))];
        int beside = 0;
        foreach (string path in archives)
        {
            // Whole, or it would not have its name; and with a manifest.
            ArchiveManifest manifest = await ArchiveCheck.RunAsync(path, new ArchiveProgress(), Cancel);
            Assert.Equal(rows.Count, manifest.Archive.Records);
            StoredArchive? known = await store.FindArchiveAsync(manifest.Archive.Id, Cancel);
            // It never says that records left that did not. That they did it may not say yet; then the store does.
            if (known is null)
                Assert.False(manifest.HasLeft);

            beside += known is null ? 1 : 0;
        }

        Assert.All(away, a => Assert.Contains(a.Path, archives));
        Assert.Equal(rows.Count - away.Sum(a => a.Records), long.Parse((await query("SELECT count(*) FROM billing_usage_records"))[0][0], CultureInfo.InvariantCulture));
        await AssertFiguresAsync(store, rows.Count);
        foreach (StoredArchive archive in away)
            await ArchiveRestore.RunAsync(store, archive, new ArchiveProgress(), Cancel);

        Assert.Equal(rows, await RowsAsync(query));
        await AssertFiguresAsync(store, rows.Count);
        string[] hidden = [.. Directory.EnumerateFiles(folder).Where(f => Path.GetFileName(f)[0] == '.')];
        foreach (string file in Directory.EnumerateFiles(folder))
            File.Delete(file);

        return (away.Length, beside, hidden.Length);
    }

    public static async Task<IReadOnlyList<string>> RowsAsync(Func<string, Task<IReadOnlyList<string[]>>> query) =>
    [
        .. (await query(
            """
            SELECT usage_id, customer_id, service_name, quantity, unit_cost, metadata, recorded_at, received_at, event_key FROM billing_usage_records ORDER BY usage_id
            """)).Select(r => string.Join('|', r)),
    ];

    private static async Task AssertFiguresAsync(IUsageStore store, int events)
    {
        IReadOnlyList<PeriodFigures> figures = await store.SumBucketsAsync(UsageFilter.All, [TimeRange.Everything.Start, TimeRange.Everything.End], FigureParts.All, Cancel);
        Assert.Equal(events, figures.Sum(f => f.Figures.Events));
        Assert.Empty(await store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, Cancel));
        QueueBalance balance = await store.CompareQueuesAsync(Cancel);
        Assert.Equal(balance.Expected, balance.Records);
    }
}
