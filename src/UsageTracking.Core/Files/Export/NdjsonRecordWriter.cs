using System.Buffers;
using UsageTracking.Metering;

namespace UsageTracking.Files.Export;

/// <summary>Writes records as newline-delimited JSON, each with all that an import needs.</summary>
internal sealed class NdjsonRecordWriter : IRecordWriter
{
    private const int FlushSize = 64 * 1024;

    private readonly Stream _stream;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * FlushSize);
    private readonly RecordJson _json;

    public NdjsonRecordWriter(Stream stream, ExportRequest request)
    {
        _stream = stream;
        _json = new RecordJson(ExportClock.Iso(request.Zone), hasCustomer: true, hasKeys: true, _buffer);
    }

    public void Write(StoredRecord record, long total)
    {
        _json.Append(record);
        _buffer.Write("\n"u8);
        if (_buffer.WrittenCount >= FlushSize)
            Flush();
    }

    public void Finish() => Flush();

    public void Dispose() => _json.Dispose();

    private void Flush()
    {
        _stream.Write(_buffer.WrittenSpan);
        _buffer.ResetWrittenCount();
    }
}
