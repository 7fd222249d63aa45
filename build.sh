#!/usr/bin/env bash
# Finds PowerShell, on PATH or as this repository's dotnet tool, and hands over to build.ps1:
#
#     ./build.sh                  builds the module
#     ./build.sh test             runs all tests; ./build.sh test -Only Get-Usage some of them
#     ./build.sh demo | bench | lint | package
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en

task=build
if [[ $# -gt 0 && $1 != -* ]]; then
    task=$(tr '[:upper:]' '[:lower:]' <<<"$1")
    shift
fi

if command -v pwsh >/dev/null; then
    exec pwsh -NoProfile -File build.ps1 -Task "$task" "$@"
fi
if dotnet tool restore >/dev/null 2>&1; then
    exec dotnet tool run pwsh -- -NoProfile -File build.ps1 -Task "$task" "$@"
fi

echo 'PowerShell is neither on PATH nor to be had as a dotnet tool. To install it: https://aka.ms/powershell' >&2
case $task in
build)
    echo 'Building without the help pages.' >&2
    for project in Loader Cmdlets; do
        dotnet publish "src/UsageTracking.$project" --configuration Release --output module/bin --verbosity quiet
    done
    ;;
test)
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    status=0
    dotnet test tests/UsageTracking.Core.Tests --configuration Release --verbosity quiet --logger 'console;verbosity=minimal' 2>&1 |
        tee "$log" || status=1
    # The last lines of a run: "Passed!  - Failed:     0, Passed:     5, Skipped:     1, Total: ..."
    count() { sed -n "s/^\(Passed\|Failed\|Skipped\)! .*$1: *\([0-9]*\).*/\2/p" "$log" | tail -n 1; }
    passed=$(count Passed) failed=$(count Failed) skipped=$(count Skipped)
    if [[ ${failed:-0} -eq 0 && ($status -ne 0 || $((${passed:-0} + ${skipped:-0})) -eq 0) ]]; then
        echo 'The C# suite broke off, or had no tests.'
        failed=1
    fi
    echo 'The Pester suite, which tests the cmdlets, was skipped for want of PowerShell.'
    echo "${passed:-0} passed, ${failed:-0} failed, $((${skipped:-0} + 1)) skipped"
    [[ ${failed:-0} -eq 0 ]]
    ;;
demo)
    exec dotnet run --project examples/embedding
    ;;
*)
    echo "'$task' needs PowerShell." >&2
    exit 1
    ;;
esac
