using UsageTracking.Profiles;
using UsageTracking.Session;
using UsageTracking.Stores.Postgres;

namespace UsageTracking.Tests.Profiles;

public sealed class ProfileBookTests : IDisposable
{
    private const string Server = "postgresql://me:s3cret@db.example/usage";

    private readonly string _folder = Directory.CreateTempSubdirectory("usage-profiles-").FullName;
    private readonly Vault _vault = new();

    private ProfileBook Book => new(_folder, _vault);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_profile_opens_the_store_it_was_made_of()
    {
        Save(Describe("file", Path.Combine(_folder, "usage.db")));
        Save(Describe("server", "Host=db.example;Port=6543;Username=me;Password=s3cret;Database=usage;SSL Mode=Require"));

        Assert.Equal(Path.Combine(_folder, "usage.db"), ProfileStores.Open(Book.Find("FILE"), Book).Address.Path);
        var store = Assert.IsType<PostgresStore>(ProfileStores.Open(Book.Find("server"), Book));
        Assert.Equal("Host=db.example;Port=6543;Username=me;Database=usage;SSL Mode=Require", store.WithoutSecrets);
        Assert.Equal("s3cret", store.Login.Password);
    }

    [Fact]
    public void A_vault_is_chosen_before_the_file_and_the_file_comes_with_a_warning()
    {
        Assert.Equal((ProfileSecretStore.File, true), Chosen(ProfileSecretStore.Auto));
        Assert.Equal((ProfileSecretStore.File, false), Chosen(ProfileSecretStore.File));

        _vault.Names = [new("spare", false)];
        Assert.Equal((ProfileSecretStore.File, true), Chosen(ProfileSecretStore.Auto));

        _vault.Names = [new("spare", false), new("main", true)];
        Assert.Equal((ProfileSecretStore.SecretManagement, false), Chosen(ProfileSecretStore.Auto));
        Assert.Equal("main", Book.Choose(Describe("x", Server), ProfileSecretStore.Auto, null)!.Vault);
        Assert.Equal("spare", Book.Choose(Describe("x", Server), ProfileSecretStore.Auto, "SPARE")!.Vault);
        Assert.Null(Book.Choose(Describe("x", "postgresql://me@db/usage"), ProfileSecretStore.Auto, null));
    }

    [Fact]
    public void What_was_chosen_and_cannot_be_had_is_said()
    {
        Assert.Equal("SecretManagementNotFound", ErrorOf(() => Book.Choose(Describe("x", Server), ProfileSecretStore.SecretManagement, null)));
        _vault.Names = [new("spare", false)];
        Assert.Equal("SecretVaultNotFound", ErrorOf(() => Book.Choose(Describe("x", Server), ProfileSecretStore.SecretManagement, null)));
        Assert.Equal("InvalidSecretStore", ErrorOf(() => Book.Choose(Describe("x", Server), ProfileSecretStore.File, "spare")));
        foreach (string text in new[] { "Host=db;Password=s3cret", "Host=a,b;Username=me;Password=s3cret", "Host=db;Username=me;Password='a\nb'" })
            Assert.Equal("InvalidSecretStore", ErrorOf(() => Book.Choose(Describe("x", text), ProfileSecretStore.PgPass, null)));
    }

    [Fact]
    public void A_password_goes_with_its_profile_when_that_moves_from_one_place_to_another()
    {
        _vault.Names = [new("main", true)];
        Save(Describe("P", Server), ProfileSecretStore.SecretManagement);
        Assert.Equal("s3cret", Assert.Single(_vault.Secrets).Value);

        Save(Describe("p", Server), ProfileSecretStore.File);
        Assert.Empty(_vault.Secrets);
        Assert.Contains("s3cret", Secrets, StringComparison.Ordinal);

        string passFile = Path.Combine(_folder, "pgpass");
        Save(Describe("p", Server, passFile), ProfileSecretStore.PgPass);
        Assert.DoesNotContain("s3cret", Secrets, StringComparison.Ordinal);
        Assert.Equal("db.example:5432:usage:me:s3cret\n", File.ReadAllText(passFile));

        Save(Describe("p", "usage.db"));
        Assert.Equal("", File.ReadAllText(passFile));
        Assert.Null(Assert.Single(Book.Get()).SecretStore);
    }

    [Theory]
    [InlineData("a b")]
    [InlineData("-a")]
    [InlineData("a*")]
    [InlineData("a/b")]
    [InlineData("")]
    public void Names_that_no_vault_would_take_are_refused(string name) => Assert.Equal("InvalidProfileName", ErrorOf(() => Describe(name, "usage.db")));

    [Fact]
    public async Task Many_who_save_at_once_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => Save(Describe($"p{i}", $"postgresql://me:s3cret{i}@db/usage"), ProfileSecretStore.File))));

        Assert.Equal(20, Book.Get().Count);
        Assert.All(Book.Get(), p => Assert.Equal("s3cret" + p.Name[1..], Book.ReadPassword(p)));
    }

    [Fact]
    public void A_damaged_file_of_passwords_is_not_repeated()
    {
        Save(Describe("p", Server), ProfileSecretStore.File);
        File.WriteAllText(Path.Combine(_folder, "profile-secrets.json"), "{ \"UsageTracking-p\": s3cret }");

        UsageException error = Assert.Throws<UsageException>(() => ProfileStores.Open(Book.Find("p"), Book));
        Assert.Equal("ProfileFileFailed", error.ErrorId);
        Assert.DoesNotContain("'s'", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void No_text_of_a_profile_is_its_password() =>
        Assert.All(new object[] { Describe("p", Server), Save(Describe("p", Server)), Book.Find("p").Entry }, o => Assert.DoesNotContain("s3cret", o.ToString(), StringComparison.Ordinal));

    private string Secrets => File.ReadAllText(Path.Combine(_folder, "profile-secrets.json"));

    private static NewProfile Describe(string name, string store, string? passFile = null) =>
        ProfileStores.Describe(name, StoreLocator.FromText(store), null, null, n => n == "PGPASSFILE" ? passFile : null);

    private UsageProfile Save(NewProfile profile, ProfileSecretStore store = ProfileSecretStore.Auto) =>
        Book.Save(profile, Book.Choose(profile, store, null), replace: true);

    private (ProfileSecretStore Store, bool Warns) Chosen(ProfileSecretStore asked)
    {
        SecretPlace place = Book.Choose(Describe("x", Server), asked, null)!;
        return (place.Store, place.Warning is not null);
    }

    private static string ErrorOf(Action call) => Assert.Throws<UsageException>(call).ErrorId;

    private sealed class Vault : ISecretVault
    {
        public IReadOnlyList<SecretVaultName>? Names { get; set; }

        public Dictionary<string, string> Secrets { get; } = [];

        public IReadOnlyList<SecretVaultName>? GetVaults() => Names;

        public void Set(string vault, string name, string secret) => Secrets[name] = secret;

        public string Get(string vault, string name) => Secrets[name];

        public void Remove(string vault, string name) => Secrets.Remove(name);
    }
}
