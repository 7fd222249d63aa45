using UsageTracking.Stores;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Stores;

/// <summary>What only SQLite has: a file.</summary>
public sealed class SqliteTests
{
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
