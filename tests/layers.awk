# SPDX-License-Identifier: Apache-2.0
# layers: prints FILE:LINE: and the offence, for each break of the rules of the house; tests/layers.sh says which.
#
# Files come with the path inside the tree. State per file: `block` is the text since the last blank line or the end of
# the last function, so that a function's head comment is at hand when its brace comes.
BEGIN {
    split("base|cel schema|conf|runtime|http|store|security|plugin|call|run|agent model|message memory|" \
          "pattern flow|observe|api cli|main", rows, "|")
    for (row in rows) {
        count = split(rows[row], folders, " ")
        for (i = 1; i <= count; i++)
            rank[folders[i]] = row + 0
    }
}

function offend(line, what)
{
    print FILENAME ":" line ": " what
    offences++
}

function end_of_file()
{
    if (last != "" && lines > 500 && !is_flat) {
        print last ":501: the file has " lines " lines, at most 500 are allowed"
        offences++
    }
}

FNR == 1 {
    end_of_file()
    last = FILENAME
    block = ""
    opened = 0
    is_flat = 0
    split(FILENAME, path, "/")
    top = path[1]
    room = path[2]
    if (top == "host" && !(room in rank))
        offend(1, "the folder host/" room " is not in the order of tests/layers.awk")
    is_template = path[1] == "sdk" && path[2] == "templates" # its licence is the author's choice
    if (!is_template && $0 !~ /SPDX-License-Identifier: Apache-2.0/)
        offend(1, "the first line names no licence (SPDX-License-Identifier: Apache-2.0)")
}

FNR <= 20 && /[Ff]lat (table|switch)/ { is_flat = 1 }

{
    lines = FNR
    columns = $0
    gsub(/[\200-\277]/, "", columns) # the rest of a UTF-8 sequence
    if (length(columns) > 100)
        offend(FNR, "the line has " length(columns) " columns, at most 100 are allowed")
}

# What a file of host/ may include: its own folder, <tdev/...>, and the public headers of folders named before its own.
function check_host(header, parts, count, other)
{
    count = split(header, parts, "/")
    other = parts[1]
    if (other == "plugins")
        offend(FNR, "host includes a plugin: \"" header "\"")
    else if (count < 2)
        offend(FNR, "\"" header "\" is not named from host/: write \"" room "/" header "\"")
    else if (!(other in rank))
        offend(FNR, "\"" header "\" is in no folder of host/")
    else if (other != room && rank[other] >= rank[room])
        offend(FNR, "host/" room " may not know host/" other ": \"" header "\"")
    else if (other != room && other != "base" && parts[2] != other ".h")
        offend(FNR, "\"" header "\" is private to host/" other ", only \"" other "/" other ".h\" is public")
}

# What an SDK file or a plugin may include: <tdev/...>, its own files, the system and libraries.
function check_border(header, parts)
{
    split(header, parts, "/")
    if (parts[1] in rank && parts[2] != "")
        offend(FNR, top " includes a header of host: \"" header "\"")
    else if (header ~ /\.\./)
        offend(FNR, top " reaches outside its folder: \"" header "\"")
}

/^#[ \t]*include[ \t]+["<]/ {
    header = $0
    quoted = header ~ /include[ \t]+"/
    sub(/^#[ \t]*include[ \t]+["<]/, "", header)
    sub(/[">].*$/, "", header)
    if (top == "host" && quoted)
        check_host(header)
    if (top == "sdk" || top == "plugins")
        check_border(header)
    if (quoted && header ~ /^tdev\//)
        offend(FNR, "write <" header ">, the SDK is public")
}

/^{$/ { opened = FNR; head = block }

/^}/ {
    if (opened && FNR - opened + 1 > 60 && head !~ /[Ff]lat (table|switch)/)
        offend(opened, "the function has " FNR - opened + 1 " lines, at most 60 are allowed")
    opened = 0
    block = ""
}

/^[ \t]*$/ { if (!opened) block = ""; next }
!opened { block = block "\n" $0 }

END {
    end_of_file()
    exit offences > 0
}
