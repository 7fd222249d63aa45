using UsageTracking.Queue;
using UsageTracking.Session;
using UsageTracking.Stores;
using UsageTracking.Stores.Sqlite;
using static UsageTracking.Tests.Testing.Records;

namespace UsageTracking.Tests.Session;

public sealed class UsageSessionTests : IAsyncDisposable
{
    private readonly Dictionary<string, string> _environment = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("usage-test-").FullName;
    private readonly UsageSession _session;

    public UsageSessionTests()
    {
        _environment["USAGE_SPOOL"] = Path.Combine(_folder, "spool");
        _session = new UsageSession(name => _environment.GetValueOrDefault(name));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_option_comes_from_the_process_then_the_environment_then_the_store_then_the_default()
    {
        _environment["USAGE_STORE"] = Path.Combine(_folder, "usage.db");
        Assert.Equal((100, "default"), Size());

        await _session.PersistOptionAsync("BatchSize", "200", Cancel);
        Assert.Equal((200, "the store"), Size());

        _environment["USAGE_BATCH_SIZE"] = "300";
        Assert.Equal((300, "environment variable USAGE_BATCH_SIZE"), Size());

        _session.SetOption("BatchSize", "400");
        Assert.Equal((400, "this process"), Size());
        Assert.Equal(400, _session.Connection.Queue.Settings.BatchSize);

        (int, string) Size() => (_session.Options.BatchSize, _session.Options.Sources["BatchSize"]);
    }

    [Theory]
    [InlineData("BatchSize", "0")]
    [InlineData("BatchSize", "1.5")]
    [InlineData("BatchTimeout", "-1")]
    [InlineData("AlertWarning", "75,5")]
    [InlineData("TimeZone", "Mars/Olympus")]
    [InlineData("AutoCreateCustomer", "perhaps")]
    public void A_wrong_option_is_refused_by_name(string name, string value)
    {
        UsageException error = Assert.Throws<UsageException>(() => _session.SetOption(name, value));

        Assert.Equal("InvalidOption", error.ErrorId);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_customer_is_the_connections_then_the_environments_then_default()
    {
        Assert.Equal("default", _session.CustomerId);
        _environment["NSELF_CUSTOMER_ID"] = "from-environment";
        Assert.Equal("from-environment", _session.CustomerId);
        Connect("a.db", "acme");
        Assert.Equal("acme", _session.CustomerId);
        _session.Disconnect();
        Assert.Equal("from-environment", _session.CustomerId);
    }

    [Theory]
    [InlineData("NSELF_CUSTOMER_ID=from-file", "from-file")]
    [InlineData("# NSELF_CUSTOMER_ID=not\n export NSELF_CUSTOMER_ID = \"from file\" # note\r\nOTHER=x", "from file")]
    [InlineData("NSELF_CUSTOMER_ID=a\nNSELF_CUSTOMER_ID='b # c'\n", "b # c")]
    [InlineData("NSELF_CUSTOMER_ID=a=b # c", "a=b")]
    [InlineData("NSELF_CUSTOMER_ID=\nMY_NSELF_CUSTOMER_ID=x\nNSELF_CUSTOMER_IDS=y", "default")]
    public void The_customer_may_stand_in_the_projects_file(string text, string expected)
    {
        File.WriteAllText(Path.Combine(_folder, ".env"), text);

        Assert.Equal(expected, _session.FindCustomer(_folder));
        Assert.Equal("default", _session.FindCustomer(Path.Combine(_folder, "elsewhere")));
        _environment["NSELF_CUSTOMER_ID"] = "from-environment";
        Assert.Equal("from-environment", _session.FindCustomer(_folder));
    }

    [Fact]
    public async Task A_project_names_the_customer_whose_it_is()
    {
        string path = Path.Combine(_folder, "usage.db");
        _environment["USAGE_STORE"] = path;
        File.WriteAllText(Path.Combine(_folder, ".env"), "PROJECT_NAME=rocket");
        Assert.Equal("default", _session.FindCustomer(_folder));
        Assert.False(File.Exists(path));

        await _session.Connection.PrepareAsync(Cancel);
        Assert.Equal("default", _session.FindCustomer(_folder));
        await _session.Connection.Store.SetCustomerAsync(new CustomerChange("acme") { ProjectName = "rocket" }, Cancel);
        Assert.Equal("acme", _session.FindCustomer(_folder));
        _environment["PROJECT_NAME"] = "other";
        Assert.Equal("default", _session.FindCustomer(_folder));
        _environment["NSELF_CUSTOMER_ID"] = "named";
        Assert.Equal("named", _session.FindCustomer(_folder));
    }

    [Fact]
    public void A_project_is_nobodys_while_the_store_cannot_be_asked()
    {
        _environment["USAGE_STORE"] = "postgresql://127.0.0.1:1/away";
        _environment["PROJECT_NAME"] = "rocket";

        UsageException error = Assert.Throws<UsageException>(() => _session.CustomerId);

        Assert.Equal(("CustomerUnresolved", UsageErrorKind.StoreUnavailable), (error.ErrorId, error.Kind));
        Assert.Contains("rocket", error.Message, StringComparison.Ordinal);
        _environment["NSELF_CUSTOMER_ID"] = "named";
        Assert.Equal("named", _session.CustomerId);
    }

    [Fact]
    public void A_customer_of_the_environment_that_is_none_is_an_error()
    {
        _environment["NSELF_CUSTOMER_ID"] = "bad\nid";

        Assert.Equal("InvalidCustomerId", Assert.Throws<UsageException>(() => _session.CustomerId).ErrorId);
    }

    [Fact]
    public void A_zone_of_a_connection_ends_with_it_and_leaves_the_option_alone()
    {
        _session.SetOption("TimeZone", "Europe/Paris");
        _session.Connect(new SqliteStore(Path.Combine(_folder, "zone.db")), "test", null, "Europe/London");
        Assert.Equal("Europe/London", _session.Options.TimeZone.Id);
        Connect("other.db");
        Assert.Equal("Europe/Paris", _session.Options.TimeZone.Id);
    }

    [Fact]
    public void An_option_from_the_environment_acts_as_soon_as_it_shows()
    {
        StoreConnection connection = Connect("acts.db");
        _environment["USAGE_DURABILITY"] = "Strict";

        Assert.Equal(Durability.Strict, _session.Options.Durability);

        Assert.Equal(Durability.Strict, connection.Queue.Settings.Durability);
    }

    [Fact]
    public void The_environment_is_followed_until_somebody_connects()
    {
        _environment["USAGE_STORE"] = Path.Combine(_folder, "one.db");
        Assert.EndsWith("one.db", _session.Connection.Store.Address.Path, StringComparison.Ordinal);
        _environment["USAGE_STORE"] = Path.Combine(_folder, "two.db");
        Assert.EndsWith("two.db", _session.Connection.Store.Address.Path, StringComparison.Ordinal);
        Connect("three.db");
        _environment["USAGE_STORE"] = Path.Combine(_folder, "four.db");
        Assert.EndsWith("three.db", _session.Connection.Store.Address.Path, StringComparison.Ordinal);
        _session.Disconnect();
        Assert.EndsWith("four.db", _session.Connection.Store.Address.Path, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Records_go_to_the_store_that_was_connected_when_they_were_added()
    {
        StoreConnection first = Connect("first.db");
        await first.PrepareAsync(Cancel);
        first.Queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);
        StoreConnection second = Connect("second.db");
        await second.PrepareAsync(Cancel);

        _session.Shutdown(TimeSpan.FromSeconds(10), isEnd: false);

        Assert.Equal(1, await first.Store.CountRecordsAsync("default", Cancel));
        Assert.Equal(0, await second.Store.CountRecordsAsync("default", Cancel));
    }

    [Fact]
    public async Task Connecting_the_same_store_again_keeps_its_queue()
    {
        StoreConnection first = Connect("same.db");
        await first.PrepareAsync(Cancel);
        first.Queue.Add(Record("api", 1, Utc(2026, 1, 1)), Cancel);

        StoreConnection again = Connect("same.db");

        Assert.Same(first, again);
        await again.PrepareAsync(Cancel);
        Assert.Equal(1, (await again.Queue.FlushAsync(TimeSpan.FromSeconds(10), Cancel)).Committed);
    }

    [Fact]
    public async Task Creating_the_embedded_store_is_told_once_with_its_path()
    {
        StoreConnection connection = Connect("new.db");
        await connection.PrepareAsync(Cancel);
        await connection.PrepareAsync(Cancel);

        Assert.Equal([$"Created the usage store {Path.Combine(_folder, "new.db")}."], _session.TakeNotices());
        Assert.Empty(_session.TakeNotices());
    }

    private StoreConnection Connect(string file, string? customer = null) =>
        _session.Connect(new SqliteStore(Path.Combine(_folder, file)), "test", customer, null);
}
