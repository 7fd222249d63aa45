using UsageTracking.Profiles;

namespace UsageTracking.Tests.Profiles;

public sealed class PgPassFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("usage-pgpass-").FullName;

    private string FilePath => Path.Combine(_folder, "pgpass");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Colons_and_backslashes_are_escaped_in_every_field()
    {
        string key = PgPassFile.Key("::1", 5432, @"a\b", "me:too");
        PgPassFile.Set(FilePath, key, @"p:\w");

        Assert.Equal(@"\:\:1:5432:a\\b:me\:too:p\:\\w" + "\n", File.ReadAllText(FilePath));
        Assert.Equal(@"p\:\\w", PgPassFile.Find(FilePath, key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# a\r\n*:*:*:*:x\n\n")]
    [InlineData("no end")]
    public void Other_lines_stay_byte_for_byte(string text)
    {
        // And what is no UTF-8.
        byte[] before = [.. System.Text.Encoding.UTF8.GetBytes(text), 0xE9];
        File.WriteAllBytes(FilePath, before);
        Close();
        string key = PgPassFile.Key("db", 5432, "usage", "me");

        PgPassFile.Set(FilePath, key, "one");
        PgPassFile.Set(FilePath, key, "two");
        Assert.Equal("two", PgPassFile.Find(FilePath, key));
        PgPassFile.Remove(FilePath, key);
        PgPassFile.Remove(FilePath, key);

        Assert.Equal(before, File.ReadAllBytes(FilePath));
    }

    [Fact]
    public void A_link_stays_one()
    {
        string target = Path.Combine(_folder, "target");
        File.WriteAllText(target, "");
        File.CreateSymbolicLink(FilePath, target);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        PgPassFile.Set(FilePath, PgPassFile.Key("db", 5432, "usage", "me"), "one");

        Assert.NotNull(new FileInfo(FilePath).LinkTarget);
        Assert.Equal("db:5432:usage:me:one\n", File.ReadAllText(target));
    }

    private void Close()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
