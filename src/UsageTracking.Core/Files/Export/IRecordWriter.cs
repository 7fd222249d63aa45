using UsageTracking.Metering;

namespace UsageTracking.Files.Export;

/// <summary>Writes records in one format to a stream, one by one, and keeps none.</summary>
internal interface IRecordWriter : IDisposable
{
    /// <summary>Writes a record; they come newest first.</summary>
    /// <param name="record">The record.</param>
    /// <param name="total">How many there are in all.</param>
    void Write(StoredRecord record, long total);

    /// <summary>What of the records the format could not take; null where it took all.</summary>
    string? Warning => null;

    /// <summary>Writes what comes after the last record. Without it the file is not whole.</summary>
    void Finish();
}
