#Requires -Version 7.4
<#
.SYNOPSIS
Says which libraries the built module contains, whose they are and under which licences, with the texts of those.

.DESCRIPTION
What a library's own package says of it counts. Most packages only name their licence: the texts of those that have
to be passed on are in build/licences/, and MIT's is that of this module. A licence without a text is an error.
#>
[CmdletBinding()]
[OutputType([string])]
param()

$ErrorActionPreference = 'Stop'
$root = Split-Path $PSScriptRoot
$built = Get-Content "$root/module/bin/UsageTracking.Cmdlets.deps.json" -Raw | ConvertFrom-Json -AsHashtable
$restored = Get-Content "$root/src/UsageTracking.Cmdlets/obj/project.assets.json" -Raw | ConvertFrom-Json -AsHashtable

$texts = @{ MIT = (Get-Content "$root/LICENSE" -Raw) -replace '(?s)^.*?(?=Permission)' }
foreach ($file in Get-Item "$PSScriptRoot/licences/*.txt") { $texts[$file.BaseName] = Get-Content $file -Raw }

$lines = [System.Collections.Generic.List[string]]@('UsageTracking contains the libraries below. The texts of their licences and their own notices follow.', '')
# What is printed below the list, with the libraries that it belongs to.
$appendix = [ordered]@{}

# Some packages only ask for others.
$assets = $built.targets[$built.runtimeTarget.name]
foreach ($library in $built.libraries.Keys | Where-Object { $built.libraries[$_].type -eq 'package' -and ($assets[$_].runtime -or $assets[$_].runtimeTargets) } | Sort-Object) {
    $folder = $restored.packageFolders.Keys | ForEach-Object { Join-Path $_ $built.libraries[$library].path } | Where-Object { Test-Path $_ } | Select-Object -First 1
    $about = ([xml] (Get-Content "$folder/*.nuspec" -Raw)).package.metadata
    $notices = @(Get-Item "$folder/THIRD-PARTY-NOTICES*" | ForEach-Object { Get-Content $_ -Raw })

    if ($about.license.type -eq 'file') {
        $licence = 'as below'
        $notices += Get-Content (Join-Path $folder $about.license.InnerText) -Raw
    }
    else {
        # Of those one may choose from, one whose text is here.
        $licence = $about.license.InnerText -split ' OR ' | Where-Object { $texts[$_] } | Select-Object -First 1
        if (-not $licence) { throw "$library has the licence '$($about.license.InnerText)', whose text is not in build/licences/." }
        $notices += $texts[$licence]
    }
    foreach ($text in $notices) { $appendix[$text.Trim()] += @($library) }

    $owner = $about.copyright -match '©|copyright' ? $about.copyright : "Copyright $($about.authors)"
    $lines.AddRange([string[]] @($library.Replace('/', ' '), "    $owner", "    Licence: $licence"))
    $lines.AddRange([string[]] @(($about.projectUrl ?? $about.repository.url) | Where-Object { $_ } | ForEach-Object { "    $_" }))
    $lines.Add('')
}

foreach ($text in $appendix.Keys) {
    $lines.AddRange([string[]] @(('-' * 79), "For $($appendix[$text].Replace('/', ' ') -join ', '):", '', $text, ''))
}
$lines -join "`n"
