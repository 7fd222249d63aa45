using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Writes records with every column to a stream.</summary>
internal interface IArchiveWriter : IDisposable
{
    void Write(ArchivedRecord record);

    /// <summary>Writes what is still held back.</summary>
    void Finish();
}
