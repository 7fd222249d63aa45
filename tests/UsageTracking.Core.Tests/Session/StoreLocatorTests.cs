using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Stores.Postgres;

namespace UsageTracking.Tests.Session;

public sealed class StoreLocatorTests
{
    [Theory]
    [InlineData("postgresql://bob:s%40crt@db.example:6543/usage?sslmode=require", "postgresql://db.example:6543/usage")]
    [InlineData("postgres://db.example/usage", "postgresql://db.example:5432/usage")]
    [InlineData("Host=db.example;Port=6543;Database=usage;Username=bob;Password=s@crt", "postgresql://db.example:6543/usage")]
    [InlineData("Server=db.example;Username=bob", "postgresql://db.example:5432/bob")]
    public void A_server_is_recognised_and_shown_without_user_and_password(string text, string shown)
    {
        (IUsageStore store, string source) = Locate(("USAGE_STORE", text));

        Assert.Equal(StoreKind.PostgreSql, store.Address.Kind);
        Assert.Equal(shown, store.Address.Text);
        Assert.Contains("USAGE_STORE", source, StringComparison.Ordinal);
    }

    [Fact]
    public void A_uri_keeps_its_user_password_and_tls_settings_for_the_driver()
    {
        Npgsql.NpgsqlConnectionStringBuilder settings = PostgresAddress.Parse("postgresql://bob:s%40crt%3A@db.example/usage?sslmode=verify-full&application_name=x");

        Assert.Equal(("bob", "s@crt:", Npgsql.SslMode.VerifyFull, "x"), (settings.Username, settings.Password, settings.SslMode, settings.ApplicationName));
    }

    [Theory]
    [InlineData("usage.db")]
    [InlineData("C=drive.db")]
    public void Anything_else_is_a_file(string text)
    {
        (IUsageStore store, _) = Locate(("USAGE_STORE", text));

        Assert.Equal(StoreKind.Sqlite, store.Address.Kind);
        Assert.Equal(Path.GetFullPath(text), store.Address.Path);
    }

    [Fact]
    public void Nselfs_variables_name_a_server_unless_USAGE_STORE_does()
    {
        (string, string)[] nself = [("BILLING_DB_HOST", "db"), ("BILLING_DB_PORT", "6543"), ("BILLING_DB_PASSWORD", "secret")];

        Assert.Equal("postgresql://db:6543/nself", Locate(nself).Store.Address.Text);
        Assert.Equal(StoreKind.Sqlite, Locate([.. nself, ("USAGE_STORE", "usage.db")]).Store.Address.Kind);
    }

    [Fact]
    public void Nothing_at_all_means_the_users_own_file()
    {
        (IUsageStore store, string source) = Locate();

        Assert.Equal(StoreLocator.DefaultPath, store.Address.Path);
        Assert.EndsWith(Path.Combine("UsageTracking", "usage.db"), store.Address.Path, StringComparison.Ordinal);
        Assert.Equal("default", source);
    }

    [Theory]
    [InlineData("Host=db;Prot=1;Password=hunter2")]
    [InlineData("Host=db;Port=hunter2")]
    [InlineData("host=db port=5432 user=bob password=hunter2")]
    [InlineData("uid=bob;pwd=hunter2")]
    [InlineData("postgresql://bob:hunter2@db/usage?nonsense=hunter2")]
    public void What_cannot_be_read_is_refused_without_repeating_a_secret(string text)
    {
        UsageException error = Assert.Throws<UsageException>(() => Locate(("USAGE_STORE", text)));

        Assert.Equal("InvalidConnectionString", error.ErrorId);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    private static (IUsageStore Store, string Source) Locate(params (string Name, string Value)[] variables) =>
        StoreLocator.Locate(name => variables.FirstOrDefault(v => v.Name == name).Value);
}
