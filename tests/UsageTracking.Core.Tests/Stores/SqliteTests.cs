using UsageTracking.Stores;
using UsageTracking.Stores.Sqlite;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Stores;

/// <summary>What only SQLite has: a file.</summary>
public sealed class SqliteTests
{
    [Fact]
    public async Task A_file_that_was_deleted_and_made_again_is_a_new_store()
    {
        string folder = Directory.CreateTempSubdirectory("usage-test-").FullName;
        string path = Path.Combine(folder, "again.db");
        await using var store = new SqliteStore(path);
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
}
