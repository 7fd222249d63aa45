using UsageTracking.Files.Import;

namespace UsageTracking.Tests.Files.Import;

public sealed class RejectFileTests : OnFiles
{
    [Fact]
    public void Lines_stand_below_one_header_and_below_what_was_there()
    {
        using (var file = new RejectFile(At("r.csv")))
        {
            file.Add("1,2"u8, "a,b"u8);
            file.Add("3,4"u8, "a,b"u8);
            file.Complete();
        }

        using (var file = new RejectFile(At("r.csv")))
            file.Add("5,6"u8, "a,b"u8);

        Assert.Equal("a,b\n1,2\n3,4\n5,6\n", File.ReadAllText(At("r.csv")));
        Assert.Single(Directory.GetFiles(Folder));
    }

    [Fact]
    public void A_line_is_added_below_a_last_line_without_an_end()
    {
        string path = Write("r.ndjson", "{}");
        using (var file = new RejectFile(path))
            file.Add("{1}"u8, default);

        Assert.Equal("{}\n{1}\n", File.ReadAllText(path));
    }

    [Fact]
    public void A_byte_order_mark_and_other_line_ends_make_no_other_header()
    {
        string path = Write("r.csv", "\uFEFFa,b\r\n1,2\r\n");
        using (var file = new RejectFile(path))
        {
            file.CheckHeader("a,b"u8);
            file.Add("3,4"u8, "a,b"u8);
            file.CheckHeader("a,b"u8);
        }

        Assert.Equal("\uFEFFa,b\r\n1,2\r\n3,4\n", System.Text.Encoding.UTF8.GetString(File.ReadAllBytes(path)));
    }

    [Fact]
    public void Lines_of_another_header_are_refused()
    {
        string path = Write("r.csv", "a,b,c\n");
        using (var file = new RejectFile(path))
            Assert.Equal("RejectFileDiffers", Assert.Throws<UsageException>(() => file.CheckHeader("a,b"u8)).ErrorId);

        Assert.Equal("a,b,c\n", File.ReadAllText(path));
    }

    [Fact]
    public void Without_a_bad_line_nothing_is_written()
    {
        new RejectFile(At("r.csv")).Dispose();
        Assert.Empty(Directory.GetFiles(Folder));
    }
}
