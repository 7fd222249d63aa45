using UsageTracking.Stores;
using UsageTracking.Stores.Sqlite;
using UsageTracking.Tests.Testing;
using UsageTracking.Time;

namespace UsageTracking.Tests.Stores;

/// <summary>What only SQLite has: a file.</summary>
public sealed class SqliteTests
{
    [Fact]
    public async Task A_file_that_was_deleted_and_made_again_is_a_new_store()
    {
        string folder = Directory.CreateTempSubdirectory("usage-test-").FullName;
        string path = Path.Combine(folder, "again.db");
        await using IUsageStore store = new SqliteStore(path);
        await store.InitializeAsync(TestContext.Current.CancellationToken);
        await store.WriteAsync(Records.Record("api", 1, Records.Utc(2026, 1, 1)));
        foreach (string file in Directory.GetFiles(folder))
            File.Delete(file);

        await store.InitializeAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, await store.CountRecordsAsync("default", TestContext.Current.CancellationToken));
        await store.WriteAsync(Records.Record("api", 1, Records.Utc(2026, 1, 1)));
        await using var other = new SqliteStore(path);
        Assert.Equal(1, await other.CountRecordsAsync("default", TestContext.Current.CancellationToken));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_sqlite_file_is_its_owners_alone()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Files there have no Unix rights.");
            return;
        }

        await using TestStore test = await TestStore.CreateAsync(StoreKind.Sqlite);
        await test.Store.WriteAsync(Records.Record("api", 1, Records.Utc(2026, 1, 1)));

        foreach (string file in Directory.GetFiles(Path.GetDirectoryName(test.Store.Address.Path)!))
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task Times_that_other_programs_wrote_in_another_form_are_found_where_they_belong()
    {
        await using TestStore test = await TestStore.CreateAsync(StoreKind.Sqlite);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await test.QueryAsync(
            """
            INSERT INTO billing_usage_records (customer_id, service_name, quantity, recorded_at) VALUES
            ('c', 'api', '1', '2026-01-30 00:00:00'), ('c', 'api', '2', '2026-01-30 16:45:00'), ('c', 'api', '4', '2026-01-30T17:00:00Z'), ('c', 'api', '8', '2026-01-30')
            """);

        SummaryUpdate update = await test.Store.UpdateSummaryAsync(UsageFilter.All, null, cancel);

        Assert.Equal(new SummaryUpdate(3, 4), update);
        Assert.Empty(await test.Store.CompareBucketsAsync(UsageFilter.All, TimeRange.Everything, cancel));
        Assert.Equal(["9", "2", "4"], (await test.QueryAsync("SELECT total_quantity FROM usage_buckets ORDER BY bucket_start")).Select(r => r[0]));
    }
}
