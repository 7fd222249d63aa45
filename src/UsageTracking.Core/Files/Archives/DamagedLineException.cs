namespace UsageTracking.Files.Archives;

/// <summary>A line of an archive that is not as it was written.</summary>
internal sealed class DamagedLineException(long line, Exception? cause = null) : Exception(null, cause)
{
    public long Line => line;
}
