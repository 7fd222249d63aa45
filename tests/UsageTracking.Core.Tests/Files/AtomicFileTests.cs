using System.Text;
using UsageTracking.Files;
using UsageTracking.Tests.Testing;

namespace UsageTracking.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("usage-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_file_is_there_and_nothing_else()
    {
        FileInfo file = AtomicFile.Write(At("a.txt"), overwrite: false, Writes("new"));

        Assert.Equal(At("a.txt"), file.FullName);
        Assert.Equal("new", File.ReadAllText(file.FullName));
        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public void What_is_there_stays_unless_it_may_be_replaced()
    {
        File.WriteAllText(At("a.txt"), "old");

        UsageException error = Assert.Throws<UsageException>(() => AtomicFile.Write(At("a.txt"), overwrite: false, Writes("new")));
        Assert.Equal(("FileExists", UsageErrorKind.Conflict), (error.ErrorId, error.Kind));
        Assert.Equal("old", File.ReadAllText(At("a.txt")));

        AtomicFile.Write(At("a.txt"), overwrite: true, Writes("new"));
        Assert.Equal("new", File.ReadAllText(At("a.txt")));
        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public void A_file_that_appears_meanwhile_is_not_replaced()
    {
        UsageException error = Assert.Throws<UsageException>(() => AtomicFile.Write(At("a.txt"), overwrite: false, stream =>
        {
            Writes("new")(stream);
            File.WriteAllText(At("a.txt"), "other");
        }));

        Assert.Equal("FileExists", error.ErrorId);
        Assert.Equal("other", File.ReadAllText(At("a.txt")));
        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public void An_error_leaves_what_was_there_and_no_half_file()
    {
        File.WriteAllText(At("a.txt"), "old");
        void Fails(Stream stream)
        {
            Writes("half")(stream);
            throw new IOException("The disk is full.");
        }

        UsageException error = Assert.Throws<UsageException>(() => AtomicFile.Write(At("a.txt"), overwrite: true, Fails));

        Assert.Equal("FileNotWritten", error.ErrorId);
        Assert.Contains("The disk is full.", error.Message, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(At("a.txt")));
        Assert.Equal(["a.txt"], Names());
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(At("b.txt"), overwrite: true, _ => throw new InvalidOperationException()));
        Assert.Equal(["a.txt"], Names());
    }

    [Fact]
    public void A_name_may_be_as_long_as_the_file_system_allows_and_a_longer_one_is_an_error_that_says_so()
    {
        AtomicFile.Write(At(new string('n', 255)), overwrite: false, Writes("new"));
        Assert.Equal([new string('n', 255)], Names());

        UsageException error = Assert.Throws<UsageException>(() => AtomicFile.Write(At(new string('n', 256)), overwrite: false, Writes("new")));
        Assert.Equal("FileNotWritten", error.ErrorId);
        Assert.Equal([new string('n', 255)], Names());
    }

    [Fact]
    public void A_target_that_cannot_be_is_refused_before_anything_is_written()
    {
        Assert.Equal("NotAFile", Assert.Throws<UsageException>(() => AtomicFile.Check(_folder, overwrite: true)).ErrorId);
        Assert.Equal("FolderNotFound", Assert.Throws<UsageException>(() => AtomicFile.Check(At("no/such/a.txt"), overwrite: true)).ErrorId);
    }

    [Fact]
    public void A_disk_that_says_only_later_that_it_is_full_leaves_no_file()
    {
        using ThinDisk? disk = ThinDisk.TryMount(out string reason);
        Assert.SkipWhen(disk is null, reason);
        string path = Path.Combine(disk!.Path, "a.txt");
        disk.Fill();

        UsageException error = Assert.Throws<UsageException>(() => AtomicFile.Write(path, overwrite: false, stream => stream.Write(new byte[512 * 1024])));

        Assert.Equal("FileNotWritten", error.ErrorId);
        Assert.Equal(["lost+found"], Directory.EnumerateFileSystemEntries(disk.Path).Select(f => Path.GetFileName(f)!));
    }

    private static Action<Stream> Writes(string text) => stream => stream.Write(Encoding.UTF8.GetBytes(text));

    private string At(string name) => Path.Combine(_folder, name);

    private IEnumerable<string> Names() => Directory.EnumerateFileSystemEntries(_folder).Select(f => Path.GetFileName(f)!);
}
