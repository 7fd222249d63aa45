using UsageTracking.Metering;

namespace UsageTracking.Tests.Metering;

public sealed class MetadataKeysTests
{
    [Fact]
    public void Each_key_is_kept_once_in_its_place_and_case_matters() =>
        Assert.Equal(["b", "a", "B", "", " a", "$.x", "'; --", "😀"], MetadataKeys.Check(["b", "a", "b", "B", "", " a", "$.x", "a", "'; --", "😀"]));

    [Fact]
    public void What_no_metadata_can_have_is_refused()
    {
        foreach (string key in (string[])["a\0", "\uD83D", "\uDE00\uD83D"])
        {
            UsageException error = Assert.Throws<UsageException>(() => MetadataKeys.Check(["fine", key]));

            Assert.Equal(("InvalidMetadataKey", UsageErrorKind.InvalidInput, (object?)key), (error.ErrorId, error.Kind, error.Target));
        }
    }
}
