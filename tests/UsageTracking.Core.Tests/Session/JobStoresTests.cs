using UsageTracking.Jobs;
using UsageTracking.Session;
using UsageTracking.Stores.Sqlite;

namespace UsageTracking.Tests.Session;

public sealed class JobStoresTests
{
    [Fact]
    public void A_file_is_named_by_its_full_path() =>
        Assert.Equal(new JobStore(Path.GetFullPath("usage.db"), null), JobStores.Of(new SqliteStore("usage.db")));

    [Fact]
    public void A_server_keeps_its_settings()
    {
        JobStore store = JobStores.FromConnectionString("postgresql://me@db.example:6543/usage?sslmode=verify-full");

        Assert.Null(store.Path);
        Assert.Equal("Host=db.example;Port=6543;Username=me;Database=usage;SSL Mode=VerifyFull", store.ConnectionString);
    }

    [Theory]
    [InlineData("Host=db;Username=me;Password=s3cret")]
    [InlineData("Host=db;Username=me;SSL Password=s3cret")]
    [InlineData("postgresql://me:s3cret@db/usage")]
    public void A_password_is_refused_and_not_repeated(string text)
    {
        UsageException error = Assert.Throws<UsageException>(() => JobStores.FromConnectionString(text));
        UsageException same = Assert.Throws<UsageException>(() => JobStores.Of(StoreLocator.FromText(text)));

        Assert.Equal(["PasswordInConnection", "PasswordInConnection"], [error.ErrorId, same.ErrorId]);
        Assert.DoesNotContain("s3cret", error.Message, StringComparison.Ordinal);
        Assert.Contains("pgpass", error.Message, StringComparison.Ordinal);
    }
}
