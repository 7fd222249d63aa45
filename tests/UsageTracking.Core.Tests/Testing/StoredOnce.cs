using UsageTracking.Queue;
using UsageTracking.Queue.Spools;

namespace UsageTracking.Tests.Testing;

/// <summary>Looks in the store, past our own code, for the records that hosts added.</summary>
internal static class StoredOnce
{
    /// <summary>Takes over what dead hosts left behind and stores it, as the next session would.</summary>
    public static async Task<FlushResult> AdoptAllAsync(this TestStore test)
    {
        // A folder whose process was killed while it was made is left alone for a while, since that process might live.
        foreach (string folder in Spools(test).Where(f => !File.Exists(Path.Combine(f, "spool.json"))))
            Directory.SetLastWriteTimeUtc(folder, DateTime.UtcNow.AddHours(-1));

        var lost = new List<string>();
        FlushResult result;
        await using (var queue = new UsageQueue(test.Store, spools: new SpoolFolder(test.SpoolRoot, test.Store.Address)))
        {
            queue.Lost += (_, what) => lost.Add(what);
            result = await queue.FlushAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        Assert.Null(result.Error);
        Assert.Empty(lost);
        return result;
    }

    /// <summary>
    /// Every acknowledged record of these hosts is there, none is there twice, nothing was rejected, the buckets hold as many,
    /// and no spool is left.
    /// </summary>
    /// <param name="test">The store.</param>
    /// <param name="added">Each host's name for its records, and how many of them it acknowledged.</param>
    /// <returns>How many records are stored.</returns>
    public static async Task<int> AssertStoredOnceAsync(this TestStore test, IEnumerable<(string Run, int Acknowledged)> added)
    {
        Assert.Empty(Spools(test));
        return await AssertStoredOnceAsync(test.QueryAsync, test.IsPostgres, added);
    }

    /// <summary>The same of a store that is not the tests' usual one, without a look at its spools.</summary>
    public static async Task<int> AssertStoredOnceAsync(
        Func<string, Task<IReadOnlyList<string[]>>> query, bool isPostgres, IEnumerable<(string Run, int Acknowledged)> added)
    {
        IReadOnlyList<string[]> rows = await query(
            $"SELECT {(isPostgres ? "metadata->>'n'" : "json_extract(metadata, '$.n')")} AS n, count(*) FROM billing_usage_records GROUP BY 1");
        Assert.Empty(rows.Where(r => r[1] != "1").Select(r => $"{r[0]} is there {r[1]} times"));
        HashSet<string> stored = [.. rows.Select(r => r[0])];
        Assert.Empty(added.SelectMany(a => Enumerable.Range(1, a.Acknowledged).Select(i => $"{a.Run}-{i}")).Where(n => !stored.Contains(n)).Select(n => $"{n} is missing"));
        Assert.Equal(
            [$"{rows.Count}", "0"],
            (await query("SELECT events, rejected FROM (SELECT CAST(sum(event_count) AS bigint) AS events FROM usage_buckets) b, (SELECT count(*) AS rejected FROM usage_rejected_records) r"))[0]);
        return rows.Count;
    }

    private static IEnumerable<string> Spools(TestStore test) =>
        Directory.Exists(test.SpoolRoot) ? Directory.EnumerateDirectories(test.SpoolRoot).SelectMany(Directory.EnumerateDirectories) : [];
}
