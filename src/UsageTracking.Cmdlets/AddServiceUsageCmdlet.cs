using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Metering;

namespace UsageTracking.Cmdlets;

/// <summary>What the cmdlets of the built-in services have in common; each says only what its event is.</summary>
public abstract class AddServiceUsageCmdlet : AddUsageCmdlet
{
    private object? _item;

    /// <summary>The event, made of <see cref="Value"/>s.</summary>
    protected abstract RecordInput ToEvent();

    /// <inheritdoc/>
    protected sealed override RecordInput ToRecord(object? item)
    {
        _item = item;
        RecordInput record = ToEvent();
        if (item is not null)
            RecordReader.ReadCommon(item, record, Given);

        PutCommandLine(record);
        return record;
    }

    /// <summary>A value: the parameter's where it stands on the command line, else the object's, else the parameter's default.</summary>
    /// <param name="parameter">The parameter's name.</param>
    /// <param name="own">What the parameter holds.</param>
    /// <param name="alias">Another name the object may use.</param>
    protected object? Value(string parameter, object? own, string? alias = null) =>
        !Given.Contains(parameter) && _item is not null && ItemReader.TryGet(_item, parameter, alias, out object? value) ? value : Unwrap.Base(own);

    /// <summary>A value that is text.</summary>
    /// <exception cref="UsageException"><c>InvalidRecord</c>: it is missing or empty.</exception>
    protected string Text(string parameter, object? own, string? alias = null) =>
        LanguagePrimitives.ConvertTo<string>(Value(parameter, own, alias)) is { Length: > 0 } text
            ? text
            : throw new UsageException(UsageErrorKind.InvalidInput, "InvalidRecord", $"The {parameter} is missing or empty.", _item);
}
