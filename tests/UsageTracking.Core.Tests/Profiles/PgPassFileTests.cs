using UsageTracking.Profiles;

namespace UsageTracking.Tests.Profiles;

public sealed class PgPassFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("usage-pgpass-").FullName;

    private string Path1 => Path.Combine(_folder, "pgpass");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Colons_and_backslashes_are_escaped_in_every_field()
    {
        string key = PgPassFile.Key("::1", 5432, @"a\b", "me:too");
        PgPassFile.Set(Path1, key, @"p:\w");

        Assert.Equal(@"\:\:1:5432:a\\b:me\:too:p\:\\w" + "\n", File.ReadAllText(Path1));
        Assert.Equal(@"p\:\\w", PgPassFile.Find(Path1, key));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# a\r\n*:*:*:*:x\n\n")]
    [InlineData("no end")]
    public void Other_lines_stay_byte_for_byte(string text)
    {
        // And what is no UTF-8.
        byte[] before = [.. System.Text.Encoding.UTF8.GetBytes(text), 0xE9];
        File.WriteAllBytes(Path1, before);
        Close();
        string key = PgPassFile.Key("db", 5432, "usage", "me");

        PgPassFile.Set(Path1, key, "one");
        PgPassFile.Set(Path1, key, "two");
        Assert.Equal("two", PgPassFile.Find(Path1, key));
        PgPassFile.Remove(Path1, key);
        PgPassFile.Remove(Path1, key);

        Assert.Equal(before, File.ReadAllBytes(Path1));
    }

    [Fact]
    public void A_link_stays_one()
    {
        string target = Path.Combine(_folder, "target");
        File.WriteAllText(target, "");
        File.CreateSymbolicLink(Path1, target);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(target, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        PgPassFile.Set(Path1, PgPassFile.Key("db", 5432, "usage", "me"), "one");

        Assert.NotNull(new FileInfo(Path1).LinkTarget);
        Assert.Equal("db:5432:usage:me:one\n", File.ReadAllText(target));
    }

    private void Close()
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path1, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
